using static System.Net.WebUtility;

namespace DIDD.Notebooks;

/// <summary>Marks keywords, literals, comments and directives of C# for a page's style sheet.</summary>
internal static class CodeColours
{
    /// <summary>The code as HTML, its text unchanged.</summary>
    public static string ToHtml(string code) => string.Concat(
        from token in SyntaxFactory.ParseTokens(code, options: CellDirectives.Script)
        from part in (IEnumerable<(string Text, string? Kind)>)[.. token.LeadingTrivia.Select(Part), (token.Text, KindOf(token)), .. token.TrailingTrivia.Select(Part)]
        select part.Kind is null ? HtmlEncode(part.Text) : $"<span class=\"{part.Kind}\">{HtmlEncode(part.Text)}</span>");

    private static (string Text, string? Kind) Part(SyntaxTrivia trivia)
    {
        var text = trivia.ToFullString();
        return (text, trivia.IsDirective ? "directive" : string.IsNullOrWhiteSpace(text) ? null : "comment");
    }

    private static string? KindOf(SyntaxToken token) => token.Kind() switch
    {
        SyntaxKind.NumericLiteralToken => "number",
        SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringToken
            or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken => "string",
        SyntaxKind.IdentifierToken when token.Text == "var" => "keyword",
        var kind => SyntaxFacts.IsReservedKeyword(kind) || SyntaxFacts.IsContextualKeyword(kind) ? "keyword" : null,
    };
}
