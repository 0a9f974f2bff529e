namespace DIDD.Notebooks.Jupyter;

/// <summary>Positions in code: Jupyter counts code points, .NET UTF-16 units.</summary>
internal static class CodePoints
{
    /// <summary>The index of a cursor; one beyond the code, or none, stands at its end.</summary>
    public static int ToIndex(string code, int? cursor) => code.EnumerateRunes().Take(cursor ?? int.MaxValue).Sum(rune => rune.Utf16SequenceLength);

    /// <summary>How many code points stand before an index.</summary>
    public static int Count(string code, int index) => code[..index].EnumerateRunes().Count();

    /// <summary>The line and column of an index, from 0.</summary>
    public static LinePosition ToLine(string code, int index) => new(code.AsSpan(0, index).Count('\n'), index - (code.AsSpan(0, index).LastIndexOf('\n') + 1));
}
