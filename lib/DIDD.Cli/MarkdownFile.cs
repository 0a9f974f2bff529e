using DIDD.Data;

namespace DIDD.Cli;

/// <summary>Tables in Markdown files that are written by people otherwise.</summary>
internal static class MarkdownFile
{
    /// <summary>Puts a table between two lines of a file.</summary>
    /// <exception cref="DataSetException">The file is missing, or lacks those lines.</exception>
    public static void WriteBetween(string path, string begin, string end, string table)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var (first, last) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        if (first < 0 || last < first)
            throw new DataSetException($"{path}: needs the lines {begin} and {end}, between which the table goes");
        AtomicFile.WriteText(path, $"{text[..(first + begin.Length)]}\n\n{table}\n{text[last..]}");
    }

    /// <summary>A table.</summary>
    /// <param name="titles">Titles of the columns.</param>
    /// <param name="texts">Indices of the columns that hold text; the others hold numbers, which end at the right.</param>
    /// <param name="rows">The cells of every row.</param>
    public static string Table(IReadOnlyList<string> titles, IReadOnlyList<int> texts, IEnumerable<IEnumerable<string>> rows)
    {
        var rule = titles.Select((_, i) => texts.Contains(i) ? "---" : "---:");
        return string.Concat(rows.Prepend(rule).Prepend(titles).Select(cells => $"| {string.Join(" | ", cells)} |\n"));
    }
}
