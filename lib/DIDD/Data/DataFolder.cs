namespace DIDD.Data;

/// <summary>
/// Finds the folder of a data set: a named folder, then <c>DIDD_DATA</c>, then <c>data/</c> of the repository around the program, then <c>data/</c> beside this
/// library, where packages carry MNIST.
/// </summary>
public static class DataFolder
{
    /// <summary>Environment variable that names a folder of data sets.</summary>
    public const string Variable = "DIDD_DATA";

    private const string RepositoryMark = "DIDD.Notebooks.sln";

    /// <summary>The folder of the data set <paramref name="name"/>, such as <c>mnist</c>.</summary>
    /// <param name="name">Name of the data set's folder.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <exception cref="DataSetException">No place holds such a folder; the message lists the places.</exception>
    public static string Find(string name, string? root = null)
    {
        var places = Places(name, root).ToList();
        return places.Find(Directory.Exists) ?? throw new DataSetException(
            $"{name}: no such data set in {(places.Count == 0 ? "any folder" : string.Join(", ", places))}; "
            + $"run inside the repository, or name the folder that holds {name}/ with --data or {Variable} (see data/README.md)");
    }

    /// <summary>The folders that may hold a data set, first choice first.</summary>
    /// <param name="name">Name of the data set's folder.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    internal static IEnumerable<string> Places(string name, string? root) =>
        Roots(root).Append(Here is null ? null : Path.Combine(Here, "data")).Where(Directory.Exists).Select(folder => Path.Combine(folder!, name));

    /// <summary>The folders of data sets that can be added to, first choice first.</summary>
    /// <param name="root">A folder that goes before all others, or null.</param>
    /// <exception cref="DataSetException">The folder, or the one that <see cref="Variable"/> names, does not exist.</exception>
    public static IReadOnlyList<string> Roots(string? root = null)
    {
        var variable = Environment.GetEnvironmentVariable(Variable);
        foreach (var (folder, remedy) in new[] { (root, ""), (variable, $"; {Variable} names it: correct or unset that") })
            if (!string.IsNullOrWhiteSpace(folder) && !Directory.Exists(folder))
                throw new DataSetException($"{folder}: no such folder of data sets{remedy}");
        string?[] roots = [root, variable, Repository() is { } repository ? Path.Combine(repository, "data") : null];
        return [.. roots.Where(folder => !string.IsNullOrWhiteSpace(folder) && Directory.Exists(folder)).Select(folder => Path.GetFullPath(folder!)).Distinct()];
    }

    /// <summary>The repository's root: the nearest folder above the current folder, else above this library, that holds the solution; null where neither does.</summary>
    public static string? Repository() => Above(Directory.GetCurrentDirectory()) ?? Above(Here);

    // Nothing where the library was loaded from memory.
    private static string? Here => Path.GetDirectoryName(typeof(DataFolder).Assembly.Location) is { Length: > 0 } folder ? folder : null;

    private static string? Above(string? folder)
    {
        for (var current = folder is null ? null : new DirectoryInfo(folder); current is not null; current = current.Parent)
            if (File.Exists(Path.Combine(current.FullName, RepositoryMark)))
                return current.FullName;
        return null;
    }
}
