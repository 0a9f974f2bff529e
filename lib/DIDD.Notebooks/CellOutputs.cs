namespace DIDD.Notebooks;

/// <summary>
/// Where a running cell's outputs go: into a notebook, or as messages to a front end; nbformat keeps what Jupyter's messages carry. What a cell prints is held
/// back for a moment and cut at a limit, as is what it displays. Calls come from any thread.
/// </summary>
/// <param name="moment">How long what was put out may be held back.</param>
public abstract class CellOutputs(TimeSpan moment)
{
    /// <summary>What a cell may print, in characters; the rest is dropped.</summary>
    private const int StreamLimit = 10_000_000;

    /// <summary>What a cell may display, in characters of all its bundles; the rest is dropped.</summary>
    private const int DisplayLimit = 100_000_000;

    /// <summary>What an output costs beside its text, so that many empty ones reach the limit too.</summary>
    private const int CostOfOutput = 200;

    private readonly StringBuilder _text = new();
    private string? _stream;
    private long _printed;
    private long _displayed;
    private int _executionCount;
    private bool _isDue;

    /// <summary>Held while outputs change.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Text that the cell wrote.</summary>
    /// <param name="name"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="text">The text, with <c>\n</c> line ends; not necessarily whole lines.</param>
    public void WriteStream(string name, string text)
    {
        lock (Gate)
        {
            if (_printed >= StreamLimit || text.Length == 0)
                return;
            if (name != _stream)
            {
                EndStream();
                _stream = name;
                _printed += CostOfOutput;
            }

            _text.Append(text.AsSpan(0, (int)Math.Clamp(StreamLimit - _printed, 0, text.Length)));
            _printed += text.Length;
            if (_printed >= StreamLimit)
                _text.Append(Notice("printed", StreamLimit));
            FlushSoon();
        }
    }

    /// <summary>A value that the cell shows.</summary>
    /// <param name="displayId">Names the display for later updates, unique in the session; null for the value of the cell's trailing expression.</param>
    /// <param name="bundle">The value as each of its MIME types; JSON types hold JSON text.</param>
    public void Show(string? displayId, IReadOnlyCollection<FormattedValue> bundle)
    {
        lock (Gate)
        {
            if (_displayed >= DisplayLimit)
                return;
            EndStream();
            _displayed += CostOfOutput + bundle.Sum(value => (long)value.Value.Length);
            var content = Content(bundle);
            if (_displayed >= DisplayLimit)
                Put("stream", Content("stderr", Notice("displayed", DisplayLimit)));
            else if (displayId is not null)
                Put("display_data", content, displayId);
            else
            {
                content.Insert(1, "execution_count", _executionCount);
                Put("execute_result", content);
            }
        }
    }

    /// <summary>A new value for a display, which may belong to an earlier cell.</summary>
    /// <param name="displayId">The id that <see cref="Show"/> was given.</param>
    /// <param name="bundle">The value as each of its MIME types.</param>
    public void Update(string displayId, IReadOnlyCollection<FormattedValue> bundle)
    {
        lock (Gate)
        {
            PutText();
            Put("update_display_data", Content(bundle), displayId);
        }
    }

    /// <summary>The error that ended the cell.</summary>
    public void ShowError(CellError failure)
    {
        lock (Gate)
        {
            EndStream();
            Put("error", failure.ToJson());
        }
    }

    /// <summary>Puts out what was held back.</summary>
    public void Flush()
    {
        lock (Gate)
        {
            if (!_isDue)
                return;
            PutText();
            Save();
            _isDue = false;
        }
    }

    /// <summary>Makes what follows the outputs of another cell.</summary>
    /// <param name="executionCount">The number in brackets beside it.</param>
    protected void Begin(int executionCount)
    {
        EndStream();
        (_executionCount, _printed, _displayed) = (executionCount, 0, 0);
    }

    /// <summary>Puts one output out.</summary>
    /// <param name="type">What the message that carries it is called, such as <c>display_data</c>.</param>
    /// <param name="content">The content of that message.</param>
    /// <param name="displayId">Names a display.</param>
    protected abstract void Put(string type, JsonObject content, string? displayId = null);

    /// <summary>A text as JSON.</summary>
    protected virtual JsonNode Text(string mimeType, string value) => value;

    /// <summary>Called once all is put out.</summary>
    protected virtual void Save()
    {
    }

    /// <summary>Has <see cref="Flush"/> called in a moment.</summary>
    protected void FlushSoon()
    {
        if (!_isDue)
            _ = FlushLaterAsync();
        _isDue = true;
    }

    /// <summary>JSON text as JSON; a string where it is not well-formed.</summary>
    private static JsonNode? Json(string value)
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

    private static JsonObject Content(string stream, string text) => new() { ["name"] = stream, ["text"] = text };

    private JsonObject Content(IEnumerable<FormattedValue> bundle) => new()
    {
        ["data"] = new JsonObject(bundle.OrderBy(value => value.MimeType, StringComparer.Ordinal).Select(value => KeyValuePair.Create(
            value.MimeType, value.MimeType.EndsWith("json", StringComparison.Ordinal) ? Json(value.Value) : Text(value.MimeType, value.Value)))),
        ["metadata"] = new JsonObject(),
    };

    private void EndStream()
    {
        PutText();
        _stream = null;
    }

    private void PutText()
    {
        if (_text.Length > 0)
            Put("stream", Content(_stream!, _text.ToString()));
        _text.Clear();
    }

    private async Task FlushLaterAsync()
    {
        await Task.Delay(moment);
        Flush();
    }

    /// <summary>What a cell's reader is told about output that is left out.</summary>
    private static string Notice(string what, int limit) => $"\n[the cell {what} more than {limit / 1_000_000} MB; the rest is left out]\n";
}
