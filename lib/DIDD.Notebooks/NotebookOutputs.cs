namespace DIDD.Notebooks;

/// <summary>Writes the outputs of running cells into a notebook, and that to a file, within a second, so that little is lost when the process is killed.</summary>
/// <param name="notebook">The notebook that is executed.</param>
/// <param name="path">The executed copy.</param>
internal sealed class NotebookOutputs(NotebookDocument notebook, string path) : CellOutputs(TimeSpan.FromSeconds(1))
{
    private const int LineArrayLimit = 100_000;

    private readonly StableIds _ids = new();
    private readonly Dictionary<string, JsonObject> _displays = [];
    private NotebookCell? _cell;

    /// <summary>Sends what follows to a cell.</summary>
    public void Begin(NotebookCell running, int executionCount)
    {
        lock (Gate)
        {
            Begin(executionCount);
            _cell = running;
            _cell.ExecutionCount = executionCount;
            FlushSoon();
            Flush();
        }
    }

    /// <summary>Takes out of the cell what its displays were emptied to, such as the progress of what is done.</summary>
    public void End()
    {
        lock (Gate)
        {
            _cell!.Outputs.RemoveAll(output => (string?)output!["output_type"] == "display_data" && IsEmpty(output["data"]));
            FlushSoon();
            Flush();
        }
    }

    protected override void Put(string type, JsonObject content, string? displayId = null)
    {
        FlushSoon();
        var outputs = _cell!.Outputs;
        if (type == "update_display_data")
        {
            if (_displays.GetValueOrDefault(displayId!) is { } shown)
                shown["data"] = content["data"]!.DeepClone();
            return;
        }

        if (type == "stream" && outputs.LastOrDefault() is JsonObject last && (string?)last["name"] == (string?)content["name"])
        {
            content["text"] = NotebookCell.JoinLines(last["text"]) + content["text"];
            outputs.Remove(last);
        }

        // nbformat allows a text as lines or whole; millions of lines as JSON values would fill the memory.
        if ((string?)content["text"] is { Length: <= LineArrayLimit } text)
            content["text"] = NotebookCell.SplitLines(text);
        content.Insert(content.Count(part => string.CompareOrdinal(part.Key, "output_type") < 0), "output_type", type);
        outputs.Add((JsonNode)content);
        if (displayId is not null)
            _displays[displayId] = content;
    }

    protected override JsonNode Text(string mimeType, string value) =>
        NotebookCell.SplitLines((mimeType == "text/html" ? _ids.Normalise(value) : value).ReplaceLineEndings("\n"));

    protected override void Save() => notebook.Save(path);

    private static bool IsEmpty(JsonNode? data) => data is JsonObject { Count: > 0 } bundle && bundle.All(each => NotebookCell.JoinLines(each.Value).Length == 0);
}
