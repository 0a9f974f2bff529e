using System.Text;
using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Jupyter;

/// <summary>Sends what cells put out to the clients, as it comes; text that is written within a moment goes out as one message.</summary>
internal sealed class KernelOutputs : IOutputSink, IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly Action<string, JsonObject?, JsonObject> _publish;
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();

    // Clients keep the displays of a kernel before this one, under its ids.
    private readonly string _displays = Guid.NewGuid().ToString("N");
    private string _stream = "";
    private int _streamed;
    private Message? _request;
    private int _executionCount;
    private bool _isSilent;

    /// <param name="publish">Tells all clients: a message's type, parent and content.</param>
    public KernelOutputs(Action<string, JsonObject?, JsonObject> publish)
    {
        _publish = publish;
        _timer = new Timer(_ => Flush());
    }

    /// <summary>Sends what follows as outputs of a request.</summary>
    public void Begin(Message request, int executionCount, bool isSilent)
    {
        lock (_gate)
        {
            Flush();
            (_request, _executionCount, _isSilent, _streamed) = (request, executionCount, isSilent, 0);
        }
    }

    /// <summary>Sends the text that was held back.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_text.Length == 0)
                return;
            Publish("stream", new JsonObject { ["name"] = _stream, ["text"] = _text.ToString() });
            _text.Clear();
        }
    }

    public void WriteStream(string name, string text)
    {
        lock (_gate)
        {
            if (_streamed >= NotebookOutputs.StreamLimit || text.Length == 0)
                return;
            if (name != _stream)
                Flush();
            _stream = name;
            if (_text.Length == 0)
                _timer.Change(Moment, Timeout.InfiniteTimeSpan);
            _text.Append(text.AsSpan(0, Math.Min(text.Length, NotebookOutputs.StreamLimit - _streamed)));
            _streamed += text.Length;
            if (_streamed >= NotebookOutputs.StreamLimit)
                _text.Append(NotebookOutputs.Notice("printed", NotebookOutputs.StreamLimit));
        }
    }

    public void ShowDisplay(string displayId, IReadOnlyDictionary<string, string> bundle) => Show("display_data", displayId, bundle);

    public void UpdateDisplay(string displayId, IReadOnlyDictionary<string, string> bundle) => Show("update_display_data", displayId, bundle);

    public void ShowResult(IReadOnlyDictionary<string, string> bundle)
    {
        lock (_gate)
        {
            Flush();
            Publish("execute_result", new JsonObject { ["execution_count"] = _executionCount, ["data"] = Data(bundle), ["metadata"] = new JsonObject() });
        }
    }

    public void ShowError(CellError failure)
    {
        lock (_gate)
        {
            Flush();
            Publish("error", NotebookOutputs.Error(failure));
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Show(string type, string displayId, IReadOnlyDictionary<string, string> bundle)
    {
        lock (_gate)
        {
            Flush();
            Publish(type, new JsonObject
            {
                ["data"] = Data(bundle),
                ["metadata"] = new JsonObject(),
                ["transient"] = new JsonObject { ["display_id"] = $"{_displays}-{displayId}" },
            });
        }
    }

    private void Publish(string type, JsonObject content)
    {
        if (!_isSilent)
            _publish(type, _request?.Header, content);
    }

    private static JsonObject Data(IReadOnlyDictionary<string, string> bundle) =>
        new(bundle.Select(each => KeyValuePair.Create(each.Key, NotebookOutputs.IsJson(each.Key) ? NotebookOutputs.Json(each.Value) : each.Value)));
}
