using System.Net;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DIDD.Notebooks;

/// <summary>Marks keywords, literals, comments and directives of C# for a page's style sheet.</summary>
internal static class CodeColours
{
    /// <summary>The code as HTML, its text unchanged.</summary>
    public static string ToHtml(string code)
    {
        var html = new StringBuilder();
        foreach (var token in SyntaxFactory.ParseTokens(code, options: CSharpParseOptions.Default.WithKind(SourceCodeKind.Script)))
        {
            WriteTrivia(token.LeadingTrivia);
            Write(token.Text, KindOf(token));
            WriteTrivia(token.TrailingTrivia);
        }

        return html.ToString();

        void WriteTrivia(SyntaxTriviaList list)
        {
            foreach (var trivia in list)
                Write(trivia.ToFullString(), trivia.IsDirective ? "directive" : string.IsNullOrWhiteSpace(trivia.ToFullString()) ? null : "comment");
        }

        void Write(string text, string? kind) =>
            html.Append(kind is null ? WebUtility.HtmlEncode(text) : $"<span class=\"{kind}\">{WebUtility.HtmlEncode(text)}</span>");
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
