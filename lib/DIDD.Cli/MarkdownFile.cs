namespace DIDD.Cli;

/// <summary>Tables in Markdown files that are written by people otherwise.</summary>
internal static class MarkdownFile
{
    /// <summary>Puts tables into a file, each between its two lines; one whose lines are not there is passed over.</summary>
    /// <exception cref="DataSetException">The file is missing, or has the lines of none.</exception>
    public static void WriteBetween(string path, params (string Begin, string End, string Table)[] tables)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var places = tables.Where(table => text.IndexOf(table.Begin, StringComparison.Ordinal) is >= 0 and var first && text.IndexOf(table.End, first, StringComparison.Ordinal) >= 0).ToList();
        if (places.Count == 0)
            throw new DataSetException($"{path}: needs the lines {string.Join(", or ", tables.Select(table => $"{table.Begin} and {table.End}"))}, between which a table goes");
        foreach (var (begin, end, table) in places)
        {
            var first = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
            text = $"{text[..first]}\n\n{table}\n{text[text.IndexOf(end, first, StringComparison.Ordinal)..]}";
        }
        AtomicFile.WriteText(path, text);
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
