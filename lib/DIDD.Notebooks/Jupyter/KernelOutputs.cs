namespace DIDD.Notebooks.Jupyter;

/// <summary>Sends what cells put out to the clients, as it comes; text that is written within a moment goes out as one message.</summary>
/// <param name="publish">Tells all clients: a message's type, parent and content.</param>
internal sealed class KernelOutputs(Action<string, JsonObject?, JsonObject> publish) : CellOutputs(TimeSpan.FromMilliseconds(50))
{
    // Clients keep the displays of a kernel before this one, under its ids.
    private readonly string _displays = Guid.NewGuid().ToString("N");
    private Message? _request;
    private bool _isSilent;

    /// <summary>Sends what follows as outputs of a request.</summary>
    public void Begin(Message request, int executionCount, bool isSilent)
    {
        lock (Gate)
        {
            Begin(executionCount);
            (_request, _isSilent) = (request, isSilent);
        }
    }

    protected override void Put(string type, JsonObject content, string? displayId = null)
    {
        if (displayId is not null)
            content["transient"] = new JsonObject { ["display_id"] = $"{_displays}-{displayId}" };
        if (!_isSilent)
            publish(type, _request?.Header, content);
    }
}
