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

    private readonly Lock gate = new();
    private readonly StableIds ids = new();
    private readonly Dictionary<string, JsonObject> displays = [];
    private readonly StringBuilder streamText = new();
    private NotebookCell? cell;
    private JsonObject? stream;
    private int streamed;
    private int displayed;
    private bool isSaved;

    /// <summary>Sends what follows to a cell.</summary>
    public void Begin(NotebookCell running, int executionCount)
    {
        lock (gate)
        {
            EndStream();
            cell = running;
            cell.ExecutionCount = executionCount;
            streamed = displayed = 0;
            isSaved = false;
        }
    }

    /// <summary>Writes the executed copy as it now is, unless nothing was added since.</summary>
    public void Save()
    {
        lock (gate)
        {
            if (isSaved)
                return;
            WriteStreamText();
            notebook.Save(path);
            isSaved = true;
        }
    }

    public void WriteStream(string name, string text)
    {
        lock (gate)
        {
            if (streamed >= StreamLimit || text.Length == 0)
                return;
            if ((string?)stream?["name"] != name)
            {
                EndStream();
                stream = new JsonObject { ["name"] = name, ["output_type"] = "stream", ["text"] = new JsonArray() };
                streamed += CostOfOutput;
                Add(stream);
            }

            streamText.Append(text.AsSpan(0, Math.Min(text.Length, Math.Max(0, StreamLimit - streamed))));
            streamed += text.Length;
            if (streamed >= StreamLimit)
                streamText.Append(Notice("printed", StreamLimit));
            isSaved = false;
        }
    }

    public void ShowDisplay(string displayId, IReadOnlyDictionary<string, string> bundle) => Show(bundle, "display_data", displayId);

    public void ShowResult(IReadOnlyDictionary<string, string> bundle) => Show(bundle, "execute_result", displayId: null);

    public void UpdateDisplay(string displayId, IReadOnlyDictionary<string, string> bundle)
    {
        lock (gate)
        {
            if (!displays.TryGetValue(displayId, out var output))
                return;
            output["data"] = Data(bundle);
            isSaved = false;
        }
    }

    public void ShowError(CellError failure)
    {
        lock (gate)
        {
            EndStream();
            Add(Error(failure));
        }
    }

    /// <summary>An error in nbformat's JSON.</summary>
    public static JsonObject Error(CellError error) => new()
    {
        ["ename"] = error.Kind,
        ["evalue"] = error.Message,
        ["output_type"] = "error",
        ["traceback"] = new JsonArray([.. error.Trace.Select(line => JsonValue.Create(line))]),
    };

    private void Show(IReadOnlyDictionary<string, string> bundle, string type, string? displayId)
    {
        lock (gate)
        {
            if (displayed >= DisplayLimit)
                return;
            EndStream();
            displayed += CostOfOutput + bundle.Sum(each => Math.Min(each.Value.Length, DisplayLimit / 10));
            if (displayed >= DisplayLimit)
            {
                Add(new JsonObject { ["name"] = "stderr", ["output_type"] = "stream", ["text"] = new JsonArray(Notice("displayed", DisplayLimit)) });
                return;
            }

            var output = new JsonObject { ["data"] = Data(bundle) };
            if (type == "execute_result")
                output["execution_count"] = cell?.ExecutionCount;
            output["metadata"] = new JsonObject();
            output["output_type"] = type;
            Add(output);
            if (displayId is not null)
                displays[displayId] = output;
        }
    }

    private JsonObject Data(IReadOnlyDictionary<string, string> bundle) =>
        new(bundle.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => KeyValuePair.Create(each.Key, Value(each.Key, each.Value))));

    private JsonNode? Value(string mimeType, string value)
    {
        if (!mimeType.EndsWith("json", StringComparison.Ordinal))
            return NotebookCell.SplitLines((mimeType == "text/html" ? ids.Normalise(value) : value).ReplaceLineEndings("\n"));
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private void Add(JsonObject output)
    {
        cell?.Outputs.Add((JsonNode)output);
        isSaved = false;
    }

    private void EndStream()
    {
        WriteStreamText();
        streamText.Clear();
        stream = null;
    }

    /// <summary>nbformat allows a text as lines or whole; millions of lines as JSON values would fill the memory.</summary>
    private void WriteStreamText() =>
        stream?["text"] = streamText.Length > LineArrayLimit ? streamText.ToString() : NotebookCell.SplitLines(streamText.ToString());

    private static string Notice(string what, int limit) => $"\n[the cell {what} more than {limit / 1_000_000} MB; the rest is left out]\n";
}
