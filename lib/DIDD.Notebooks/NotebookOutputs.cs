using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DIDD.Notebooks;

/// <summary>Writes the outputs of running cells into a notebook, and the notebook to a file as often as asked.</summary>
/// <param name="notebook">The notebook that is executed.</param>
/// <param name="path">The executed copy.</param>
internal sealed class NotebookOutputs(NotebookDocument notebook, string path) : IOutputSink
{
    /// <summary>What a cell may print, in characters; the rest is dropped.</summary>
    public const int StreamLimit = 10_000_000;

    /// <summary>What a cell may display, in characters of all its bundles; the rest is dropped.</summary>
    public const int DisplayLimit = 100_000_000;

    /// <summary>What an output costs beside its text, so that many empty ones reach the limit too.</summary>
    private const int CostOfOutput = 200;

    private const int LineArrayLimit = 100_000;

    private readonly Lock _gate = new();
    private readonly StableIds _ids = new();
    private readonly Dictionary<string, JsonObject> _displays = [];
    private readonly StringBuilder _streamText = new();
    private NotebookCell? _cell;
    private JsonObject? _stream;
    private int _streamed;
    private long _displayed;
    private bool _isSaved;

    /// <summary>Sends what follows to a cell.</summary>
    public void Begin(NotebookCell running, int executionCount)
    {
        lock (_gate)
        {
            EndStream();
            _cell = running;
            _cell.ExecutionCount = executionCount;
            (_streamed, _displayed) = (0, 0);
            _isSaved = false;
        }
    }

    /// <summary>Takes out of the cell what its displays were emptied to, such as the progress of what is done.</summary>
    public void End()
    {
        lock (_gate)
        {
            foreach (var emptied in (_cell?.Outputs ?? []).Where(output => (string?)output?["output_type"] == "display_data" && IsEmpty(output["data"])).ToList())
            {
                _cell!.Outputs.Remove(emptied);
                _isSaved = false;
            }
        }
    }

    /// <summary>Writes the executed copy as it now is, unless nothing was added since.</summary>
    public void Save()
    {
        lock (_gate)
        {
            if (_isSaved)
                return;
            WriteStreamText();
            notebook.Save(path);
            _isSaved = true;
        }
    }

    public void WriteStream(string name, string text)
    {
        lock (_gate)
        {
            if (_streamed >= StreamLimit || text.Length == 0)
                return;
            if ((string?)_stream?["name"] != name)
            {
                EndStream();
                _stream = new JsonObject { ["name"] = name, ["output_type"] = "stream", ["text"] = new JsonArray() };
                _streamed += CostOfOutput;
                Add(_stream);
            }

            _streamText.Append(text.AsSpan(0, Math.Min(text.Length, Math.Max(0, StreamLimit - _streamed))));
            _streamed += text.Length;
            if (_streamed >= StreamLimit)
                _streamText.Append(Notice("printed", StreamLimit));
            _isSaved = false;
        }
    }

    public void ShowDisplay(string displayId, IReadOnlyDictionary<string, string> bundle) => Show(bundle, "display_data", displayId);

    public void ShowResult(IReadOnlyDictionary<string, string> bundle) => Show(bundle, "execute_result", displayId: null);

    public void UpdateDisplay(string displayId, IReadOnlyDictionary<string, string> bundle)
    {
        lock (_gate)
        {
            if (!_displays.TryGetValue(displayId, out var output))
                return;
            output["data"] = Data(bundle);
            _isSaved = false;
        }
    }

    public void ShowError(CellError failure)
    {
        lock (_gate)
        {
            EndStream();
            Add(Error(failure));
        }
    }

    /// <summary>An error in nbformat's JSON, which messages carry too.</summary>
    public static JsonObject Error(CellError error) => new()
    {
        ["ename"] = error.Kind,
        ["evalue"] = error.Message,
        ["output_type"] = "error",
        ["traceback"] = new JsonArray([.. error.Trace.Select(line => JsonValue.Create(line))]),
    };

    /// <summary>Whether values of a MIME type are JSON.</summary>
    public static bool IsJson(string mimeType) => mimeType.EndsWith("json", StringComparison.Ordinal);

    /// <summary>JSON text as JSON; a string where it is not well-formed.</summary>
    public static JsonNode? Json(string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private void Show(IReadOnlyDictionary<string, string> bundle, string type, string? displayId)
    {
        lock (_gate)
        {
            if (_displayed >= DisplayLimit)
                return;
            EndStream();
            _displayed += CostOfOutput + bundle.Sum(each => (long)each.Value.Length);
            if (_displayed >= DisplayLimit)
            {
                Add(new JsonObject { ["name"] = "stderr", ["output_type"] = "stream", ["text"] = new JsonArray(Notice("displayed", DisplayLimit)) });
                return;
            }

            var output = new JsonObject { ["data"] = Data(bundle) };
            if (type == "execute_result")
                output["execution_count"] = _cell?.ExecutionCount;
            output["metadata"] = new JsonObject();
            output["output_type"] = type;
            Add(output);
            if (displayId is not null)
                _displays[displayId] = output;
        }
    }

    private JsonObject Data(IReadOnlyDictionary<string, string> bundle) =>
        new(bundle.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => KeyValuePair.Create(each.Key, Value(each.Key, each.Value))));

    private JsonNode? Value(string mimeType, string value)
    {
        return IsJson(mimeType)
            ? Json(value)
            : NotebookCell.SplitLines((mimeType == "text/html" ? _ids.Normalise(value) : value).ReplaceLineEndings("\n"));
    }

    private static bool IsEmpty(JsonNode? data) => data is JsonObject { Count: > 0 } bundle && bundle.All(each => NotebookCell.JoinLines(each.Value).Length == 0);

    private void Add(JsonObject output)
    {
        _cell?.Outputs.Add((JsonNode)output);
        _isSaved = false;
    }

    private void EndStream()
    {
        WriteStreamText();
        _streamText.Clear();
        _stream = null;
    }

    /// <summary>nbformat allows a text as lines or whole; millions of lines as JSON values would fill the memory.</summary>
    private void WriteStreamText() =>
        _stream?["text"] = _streamText.Length > LineArrayLimit ? _streamText.ToString() : NotebookCell.SplitLines(_streamText.ToString());

    /// <summary>What a cell's reader is told about output that is left out.</summary>
    public static string Notice(string what, int limit) => $"\n[the cell {what} more than {limit / 1_000_000} MB; the rest is left out]\n";
}
