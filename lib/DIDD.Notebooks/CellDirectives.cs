using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DIDD.Notebooks;

/// <summary>What a line of a cell asks of the session, apart from its code.</summary>
internal enum DirectiveKind
{
    ReferenceFile,
    ReferencePackage,
    PackageSource,
    Import,
    Time,
    Language,
}

/// <summary>A line of a cell that is not C#.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Argument">The path, source or <c>Id, version</c> it names; empty where it names nothing.</param>
/// <param name="Line">Line in the cell, from 1.</param>
internal sealed record Directive(DirectiveKind Kind, string Argument, int Line);

/// <summary>A cell's directives in order, and its C# with each of them blanked, so that lines and columns stay.</summary>
internal sealed partial record CellDirectives(IReadOnlyList<Directive> Directives, string Code)
{
    /// <summary>Separates a cell's directives from its code. Text in strings, comments and <c>#if</c> is left alone.</summary>
    /// <exception cref="DirectiveException">A directive is unknown, or an import follows code.</exception>
    public static CellDirectives Parse(string source)
    {
        var root = CSharpSyntaxTree.ParseText(source, Script).GetRoot();
        var firstToken = root.GetFirstToken(includeZeroWidth: true);
        var directives = new List<Directive>();
        var code = source.ToCharArray();
        foreach (var trivia in root.DescendantTrivia().Where(trivia => trivia.IsDirective))
        {
            var span = trivia.Span;
            var text = source[span.Start..span.End].Trim();
            var line = trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            if (!IsOurs(text))
                continue;
            var directive = Read(text, line);
            if (directive.Kind == DirectiveKind.Import && firstToken.SpanStart < span.Start && !firstToken.IsKind(SyntaxKind.EndOfFileToken))
                throw new DirectiveException(line, "#!import runs before the cell's code; put it above the code");
            directives.Add(directive);
            for (var i = span.Start; i < span.End; i++)
                code[i] = code[i] is '\n' or '\r' ? code[i] : ' ';
        }

        return new CellDirectives(directives, new string(code));
    }

    private static CSharpParseOptions Script { get; } = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    private static bool IsOurs(string text) => text.StartsWith("#!", StringComparison.Ordinal) || ReferenceOrSource().IsMatch(text);

    private static Directive Read(string text, int line)
    {
        if (ReferenceOrSource().Match(text) is { Success: true } match)
        {
            var argument = match.Groups["argument"].Value.Trim();
            var isPackage = match.Groups["nuget"].Success;
            return (match.Groups["letter"].Value, isPackage) switch
            {
                ("r", true) => new(DirectiveKind.ReferencePackage, argument, line),
                ("r", false) => new(DirectiveKind.ReferenceFile, argument, line),
                ("i", true) => new(DirectiveKind.PackageSource, argument, line),
                _ => throw new DirectiveException(line, $"{text}: write #i \"nuget: source\""),
            };
        }

        var words = text.Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words[0] switch
        {
            "#!time" => new(DirectiveKind.Time, "", line),
            "#!csharp" or "#!c#" => new(DirectiveKind.Language, "", line),
            "#!import" when words.Length == 2 => new(DirectiveKind.Import, words[1].Trim('"'), line),
            "#!import" => throw new DirectiveException(line, "#!import names no file; write #!import file.cs"),
            _ => throw new DirectiveException(line, $"{words[0]} is not supported here: cells are C#, with #r, #i, #!import and #!time"),
        };
    }

    [GeneratedRegex("""^#(?<letter>[ri])\s*"(?<nuget>nuget:)?(?<argument>[^"]*)"$""", RegexOptions.IgnoreCase)]
    private static partial Regex ReferenceOrSource();
}
