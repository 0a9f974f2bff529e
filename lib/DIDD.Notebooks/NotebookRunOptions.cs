namespace DIDD.Notebooks;

/// <summary>How notebooks are executed.</summary>
public sealed record NotebookRunOptions
{
    /// <summary>Values for the variables of the cell tagged <c>parameters</c>, by name. Text is quoted, numbers and truth values are not.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of those parameters that no notebook need declare.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>How long one cell may run before its process is killed; 10 minutes unless given.</summary>
    public TimeSpan CellTimeLimit { get; init; } = TimeSpan.FromMinutes(10);
}
