using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace DIDD.Notebooks;

/// <summary>
/// Puts the outputs of an executed copy into the notebook itself, so that it can be read without running: figures with a static picture, a line
/// under the parameters that says what made them, and in the metadata (<c>didd</c>) the hash of the code that did.
/// </summary>
public static class NotebookRecorder
{
    /// <summary>How large a recorded notebook may be, in bytes.</summary>
    public const int LargestSize = 1_500_000;

    private const string Key = "didd";

    /// <summary>Records a notebook, in place of what was recorded before.</summary>
    /// <param name="result">An execution that ended well, its copy with pictures of the figures (<see cref="FigurePictures"/>).</param>
    /// <param name="parameters">Values that were set, by name.</param>
    /// <param name="environment">What made the outputs, such as processor and version.</param>
    /// <param name="date">Day of the execution, yyyy-MM-dd.</param>
    /// <exception cref="ArgumentException">The execution did not end well, or the notebook was changed since.</exception>
    /// <exception cref="IOException">The notebook would be larger than <see cref="LargestSize"/>.</exception>
    public static void Record(NotebookResult result, IReadOnlyDictionary<string, string> parameters, string environment, string date)
    {
        if (result is not { Outcome: NotebookOutcome.Ok, ExecutedCopy: { } copy })
            throw new ArgumentException($"{result.Notebook} did not end well, so there is nothing to record", nameof(result));
        var (notebook, executed) = (NotebookDocument.Load(result.Source), NotebookDocument.Load(copy));
        var ran = executed.CodeCells.Where(cell => !cell.Tags.Contains(NotebookParameters.InjectedTag)).ToList();
        if (CodeHash(notebook) != CodeHash(executed))
            throw new ArgumentException($"{result.Notebook} was changed while it ran; run it again", nameof(result));
        var made = string.Join(", ", Values(notebook, parameters).Select(value => $"{value.Key} {value.Value}"));
        foreach (var (number, (cell, source)) in notebook.CodeCells.Zip(ran).Index())
        {
            cell.Outputs = [.. source.Outputs.Select(output => Recorded(output!))];
            cell.ExecutionCount = number + 1;
            if (cell.Tags.Contains(NotebookParameters.Tag))
                cell.Outputs.Add(new JsonObject { ["name"] = "stdout", ["output_type"] = "stream", ["text"] = new JsonArray($"These outputs: {made}; {environment}, {date}.\n") });
        }
        notebook.Metadata[Key] = new JsonObject { ["code"] = CodeHash(notebook), ["parameters"] = made, ["environment"] = environment, ["date"] = date };
        if (Encoding.UTF8.GetByteCount(notebook.ToJson()) is > LargestSize and var size)
            throw new IOException($"{result.Notebook} would take {size / 1e6:0.0} MB with its outputs, more than {LargestSize / 1e6:0.0}; show fewer or smaller figures");
        notebook.Save(result.Source);
    }

    /// <summary>SHA-256 of the code that made the recorded outputs, as hexadecimal digits; null where nothing is recorded.</summary>
    public static string? RecordedCodeHash(NotebookDocument notebook) => (string?)notebook.Metadata[Key]?["code"];

    /// <summary>SHA-256 of the code of a notebook's cells, injected parameters left out, as hexadecimal digits.</summary>
    public static string CodeHash(NotebookDocument notebook) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0', notebook.CodeCells.Where(cell => !cell.Tags.Contains(NotebookParameters.InjectedTag)).Select(cell => cell.Source)))));

    private static IEnumerable<KeyValuePair<string, string>> Values(NotebookDocument notebook, IReadOnlyDictionary<string, string> given) =>
        NotebookParameters.Declared(notebook).Select(declared => KeyValuePair.Create(
            declared.Key, given.GetValueOrDefault(declared.Key) ?? declared.Value.Initializer?.Value.ToString().Trim('"') ?? ""));

    // Readers that know nothing of Plotly take HTML before a picture, and show no scripts: of a figure they get the picture.
    private static JsonNode Recorded(JsonNode output)
    {
        var recorded = output.DeepClone();
        if (recorded["data"] is JsonObject data && data.ContainsKey("image/png"))
            data.Remove("text/html");
        return recorded;
    }
}
