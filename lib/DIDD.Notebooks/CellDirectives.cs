namespace DIDD.Notebooks;

/// <summary>What a part of a cell asks of the session.</summary>
internal enum PartKind
{
    ReferenceFile,
    ReferencePackage,
    PackageSource,
    Import,
    Time,
    Code,
    Magic,
}

/// <summary>A part of a cell.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Text">C# with all that is not C# blanked, so that lines and columns stay; a magic command with the text of its language; or what a directive names.</param>
/// <param name="Line">Line in the cell, from 1.</param>
internal sealed record CellPart(PartKind Kind, string Text, int Line);

/// <summary>A line such as <c>#r</c> or <c>#!import</c> cannot be done.</summary>
/// <param name="line">Line in the cell, from 1.</param>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">The error behind it, if any.</param>
internal sealed class DirectiveException(int line, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Line { get; } = line;
}

/// <summary>Divides a cell into C#, directives and other languages, by C#'s own rules: text in strings, comments and <c>#if</c> is left alone.</summary>
internal static partial class CellDirectives
{
    /// <summary>The languages beside C#, as magic commands name them.</summary>
    public static readonly string[] Languages = ["html", "javascript", "js", "markdown", "value", .. ToolLanguages.Names];
    private static readonly string[] Commands = ["set", "share", "who", "whos"];

    /// <summary>How C# cells are parsed.</summary>
    public static CSharpParseOptions Script { get; } = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>The parts of a cell in order.</summary>
    /// <exception cref="DirectiveException">A directive is unknown, or an import follows code.</exception>
    public static IReadOnlyList<CellPart> Parse(string source)
    {
        List<CellPart> parts = [];
        for (var start = 0; start < source.Length;)
            start = ParseCSharp(source, start, parts);
        return parts;
    }

    /// <returns>Where the C# that begins at <paramref name="start"/>, and the other language or command after it, end.</returns>
    private static int ParseCSharp(string source, int start, List<CellPart> parts)
    {
        var code = Blank(source, 0, start).ToCharArray();
        var root = CSharpSyntaxTree.ParseText(new string(code), Script).GetRoot();
        var firstToken = root.GetFirstToken(includeZeroWidth: true);
        foreach (var span in root.DescendantTrivia().Where(trivia => trivia.IsDirective).Select(trivia => trivia.Span))
        {
            var text = source[span.Start..span.End].Trim();
            var line = source.AsSpan(0, span.Start).Count('\n') + 1;
            if (!text.StartsWith("#!", StringComparison.Ordinal) && !ReferenceOrSource().IsMatch(text))
                continue;
            var name = text.Split((char[]?)null)[0].TrimStart('#', '!');
            if (Languages.Contains(name) || Commands.Contains(name))
            {
                var rest = CSharpAgain().Match(source, span.End);
                var end = Commands.Contains(name) ? span.End : rest.Success ? rest.Index : source.Length;
                AddCode(Blank(new string(code), span.Start, code.Length));
                parts.Add(new(PartKind.Magic, source[span.Start..end], line));
                return end;
            }

            if (Read(text, line) is { } directive)
            {
                if (directive.Kind == PartKind.Import && firstToken.SpanStart < span.Start && !firstToken.IsKind(SyntaxKind.EndOfFileToken))
                    throw new DirectiveException(line, "#!import runs before the cell's code; put it above the code");
                parts.Add(directive);
            }

            Blank(source, span.Start, span.End).CopyTo(span.Start, code, span.Start, span.Length);
        }

        AddCode(new string(code));
        return source.Length;

        void AddCode(string part)
        {
            if (!string.IsNullOrWhiteSpace(part))
                parts.Add(new(PartKind.Code, part, 1));
        }
    }

    private static string Blank(string source, int start, int end) =>
        $"{source[..start]}{NoLineEnd().Replace(source[start..end], " ")}{source[end..]}";

    /// <returns>Null for a line that says what is so anyway.</returns>
    private static CellPart? Read(string text, int line)
    {
        if (ReferenceOrSource().Match(text) is { Success: true } match)
        {
            var argument = match.Groups["argument"].Value.Trim();
            return (match.Groups["letter"].Value, match.Groups["nuget"].Success) switch
            {
                ("r", true) => new(PartKind.ReferencePackage, argument, line),
                ("r", false) => new(PartKind.ReferenceFile, argument, line),
                ("i", true) => new(PartKind.PackageSource, argument, line),
                _ => throw new DirectiveException(line, $"{text}: write #i \"nuget: source\""),
            };
        }

        var words = text.Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words[0] switch
        {
            "#!time" => new(PartKind.Time, "", line),
            "#!csharp" or "#!c#" => null,
            "#!import" when words.Length == 2 => new(PartKind.Import, words[1].Trim('"'), line),
            "#!import" => throw new DirectiveException(line, "#!import names no file; write #!import file.cs"),
            _ => throw new DirectiveException(line, $"{words[0]} is not supported here; there are #r, #i, #!import, #!time, #!{string.Join(", #!", Commands.Concat(Languages))}"),
        };
    }

    [GeneratedRegex("""^#(?<letter>[ri])\s*"(?<nuget>nuget:)?(?<argument>[^"]*)"$""", RegexOptions.IgnoreCase)]
    private static partial Regex ReferenceOrSource();

    [GeneratedRegex(@"^#!(csharp|c#)[ \t\r]*$", RegexOptions.Multiline)]
    private static partial Regex CSharpAgain();

    [GeneratedRegex("[^\r\n]")]
    private static partial Regex NoLineEnd();
}
