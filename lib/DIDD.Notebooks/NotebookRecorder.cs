namespace DIDD.Notebooks;

/// <summary>
/// Puts the outputs of an executed copy into the notebook itself, so that it can be read without running: figures with a static picture, a line
/// under the parameters that says what made them, and in the metadata (<c>didd</c>) the hashes of the code that did and of the outputs themselves.
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
        Describe(notebook, parameters, environment, date);
        foreach (var (number, (cell, source)) in notebook.CodeCells.Zip(ran).Index())
        {
            cell.Outputs = [.. source.Outputs.Select(output => Recorded(output!, number + 1))];
            cell.ExecutionCount = number + 1;
            if (cell.Tags.Contains(NotebookParameters.Tag))
                cell.Outputs.Add(new JsonObject { ["name"] = "stdout", ["output_type"] = "stream", ["text"] = new JsonArray($"These outputs: {Description(notebook)}.\n") });
        }
        notebook.Metadata[Key]!["code"] = CodeHash(notebook);
        notebook.Metadata[Key]!["outputs"] = OutputsHash(notebook);
        if (Encoding.UTF8.GetByteCount(notebook.ToJson()) is > LargestSize and var size)
            throw new IOException($"{result.Notebook} would take {size / 1e6:0.0} MB with its outputs, more than {LargestSize / 1e6:0.0}; show fewer or smaller figures");
        notebook.Save(result.Source);
    }

    /// <summary>Notes in a notebook's metadata what makes its outputs.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="parameters">Values that were set, by name; those of other variables are read from the cell of parameters.</param>
    /// <param name="environment">What makes the outputs, such as processor and version.</param>
    /// <param name="date">Day of the execution, yyyy-MM-dd.</param>
    internal static void Describe(NotebookDocument notebook, IReadOnlyDictionary<string, string> parameters, string environment, string date) =>
        notebook.Metadata[Key] = new JsonObject
        {
            ["parameters"] = string.Join(", ", Values(notebook, parameters).Select(value => $"{value.Key} {value.Value}")),
            ["environment"] = environment,
            ["date"] = date,
        };

    /// <summary>What made a notebook's outputs: parameters, environment and day; null where nothing is noted.</summary>
    internal static string? Description(NotebookDocument notebook) =>
        notebook.Metadata[Key] is JsonObject made ? $"{made["parameters"]}; {made["environment"]}, {made["date"]}" : null;

    /// <summary>What is wrong with the outputs that a notebook carries: one sentence and what to do; null where all is well, and where it carries none.</summary>
    /// <param name="notebook">A notebook as it is kept, not an executed copy.</param>
    public static string? Problem(NotebookDocument notebook)
    {
        ArgumentNullException.ThrowIfNull(notebook);
        const string Again = "run `didd notebooks run --profile laptop --record`, or clear the outputs and the metadata 'didd'";
        var outputs = notebook.CodeCells.SelectMany(cell => cell.Outputs).ToList();
        var recorded = RecordedCodeHash(notebook);
        if (outputs.Count == 0 && recorded is null)
            return null;
        var problem = recorded is null ? "carries outputs that were not recorded"
            : outputs.Count == 0 ? "was recorded, and carries no outputs"
            : recorded != CodeHash(notebook) ? $"has other code (SHA-256 {CodeHash(notebook)[..12]}) than the one that made its outputs ({recorded[..12]})"
            : (string?)notebook.Metadata[Key]!["outputs"] != OutputsHash(notebook) ? "carries other outputs than those that were recorded"
            : notebook.Bundles.Any(data => data.ContainsKey(FigurePictures.PlotlyType) && !data.ContainsKey("image/png")) ? "has a figure without a static picture"
            : null;
        return problem is null ? null : $"{notebook.Name} {problem}; {Again}";
    }

    /// <summary>SHA-256 of the code that made the recorded outputs, as hexadecimal digits; null where nothing is recorded.</summary>
    internal static string? RecordedCodeHash(NotebookDocument notebook) => (string?)notebook.Metadata[Key]?["code"];

    /// <summary>SHA-256 of the code of a notebook's cells, injected parameters left out, as hexadecimal digits.</summary>
    internal static string CodeHash(NotebookDocument notebook) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0', notebook.CodeCells.Where(cell => !cell.Tags.Contains(NotebookParameters.InjectedTag)).Select(cell => cell.Source)))));

    // Of the file's JSON: what is in memory may write its numbers otherwise.
    private static string OutputsHash(NotebookDocument notebook) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0', NotebookDocument.Parse(notebook.ToJson(), notebook.Name).CodeCells.Select(cell => cell.Outputs.ToJsonString())))));

    private static IEnumerable<KeyValuePair<string, string>> Values(NotebookDocument notebook, IReadOnlyDictionary<string, string> given) =>
        NotebookParameters.Declared(notebook).Select(declared => KeyValuePair.Create(
            declared.Key, given.GetValueOrDefault(declared.Key) ?? declared.Value.Initializer?.Value.ToString().Trim('"') ?? ""));

    // Readers that know nothing of Plotly take HTML before a picture, and show no scripts: of a figure they get the picture.
    private static JsonNode Recorded(JsonNode output, int executionCount)
    {
        var recorded = output.DeepClone();
        if ((string?)recorded["output_type"] == "execute_result")
            recorded["execution_count"] = executionCount;
        if (recorded["data"] is JsonObject data && data.ContainsKey("image/png"))
            data.Remove("text/html");
        return recorded;
    }
}
