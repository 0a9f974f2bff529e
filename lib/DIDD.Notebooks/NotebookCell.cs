namespace DIDD.Notebooks;

/// <summary>What a cell holds.</summary>
public enum CellKind
{
    /// <summary>C# to execute.</summary>
    Code,

    /// <summary>Text in Markdown.</summary>
    Markdown,

    /// <summary>Text that is passed on as it is.</summary>
    Raw,
}

/// <summary>One cell of a <see cref="NotebookDocument"/>: a view on its JSON, so that whatever it does not know is kept.</summary>
public sealed partial class NotebookCell
{
    private readonly JsonObject _json;

    internal NotebookCell(JsonObject json, CellKind kind) => (_json, Kind) = (json, kind);

    /// <summary>What the cell holds.</summary>
    public CellKind Kind { get; }

    /// <summary>The cell's text, its lines joined; line ends are <c>\n</c>.</summary>
    public string Source => JoinLines(_json["source"]).ReplaceLineEndings("\n");

    /// <summary>What is executed: the text, below the magic command of the language that its metadata name, unless that is C# or the text begins with one.</summary>
    public string Code => OtherLanguage(_json["metadata"]) is { } language && !Source.StartsWith("#!", StringComparison.Ordinal) ? $"#!{language}\n{Source}" : Source;

    /// <summary>The cell's tags, such as <c>parameters</c> or <c>raises-exception</c>.</summary>
    public IEnumerable<string> Tags => (_json["metadata"]?["tags"] as JsonArray ?? []).Select(tag => tag?.ToString() ?? "");

    /// <summary>Position among the code cells executed so far, from 1; null where the cell has not been executed.</summary>
    public int? ExecutionCount
    {
        get => (int?)_json["execution_count"];
        set => _json["execution_count"] = value;
    }

    /// <summary>The outputs of a code cell in nbformat's JSON, empty for other cells.</summary>
    public JsonArray Outputs
    {
        get => _json["outputs"] as JsonArray ?? [];
        set => _json["outputs"] = value;
    }

    /// <summary>Files that a Markdown cell carries, by name, each a bundle from MIME type to base64.</summary>
    public JsonObject Attachments => _json["attachments"] as JsonObject ?? [];

    /// <summary>The language that metadata name, as Polyglot Notebooks writes it there; null where that is C#, or none.</summary>
    internal static string? OtherLanguage(JsonNode? metadata) =>
        (Text(metadata, "polyglot_notebook", "kernelName") ?? Text(metadata, "dotnet_interactive", "language")) is { } language && !IsCSharp(language) ? language : null;

    internal static bool IsCSharp(string language) =>
        language.ToUpperInvariant() is "C#" or "CSHARP" or ".NET-CSHARP" or "DIDD-CSHARP";

    internal static string? Text(JsonNode? metadata, string section, string key) =>
        metadata is JsonObject all && all[section] is JsonObject part && part[key] is JsonValue value ? value.ToString() : null;

    internal static JsonObject NewCode(string source, string tag, string? id)
    {
        var _json = new JsonObject { ["cell_type"] = "code", ["execution_count"] = null };
        if (id is not null)
            _json["id"] = id;
        _json["metadata"] = new JsonObject { ["tags"] = new JsonArray(tag) };
        _json["outputs"] = new JsonArray();
        _json["source"] = SplitLines(source);
        return _json;
    }

    internal JsonObject ToJson() => _json;

    /// <summary>The text of a multi-line value, which nbformat writes as a string or as an array of lines.</summary>
    internal static string JoinLines(JsonNode? value) => value is JsonArray lines ? string.Concat(lines) : value?.ToString() ?? "";

    /// <summary>A text as nbformat's array of lines, each but the last ending in <c>\n</c>.</summary>
    internal static JsonArray SplitLines(string text) => [.. Line().Matches(text).Select(line => (JsonNode)line.Value)];

    [GeneratedRegex("[^\n]*\n|[^\n]+")]
    private static partial Regex Line();
}
