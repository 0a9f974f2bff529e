using System.Text.RegularExpressions;

namespace DIDD.Figures;

/// <summary>
/// Text that Plotly shows as it was given: plotly.js reads labels as a small HTML, so that <c>&lt;</c> must be encoded. Captions may hold links to files beside
/// the notebook, written <c>[text](../path)</c>.
/// </summary>
internal static partial class Labels
{
    /// <summary>Width of a character of the theme's 12-pixel font, in pixels, on the generous side.</summary>
    private const double CharacterWidth = 7;

    public static string Encode(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    public static string[] Encode(IEnumerable<string> texts) => [.. texts.Select(Encode)];

    /// <summary>Text inside a hover template, where <c>%{…}</c> would be a variable.</summary>
    public static string ForTemplate(string text) => Encode(text).Replace("%{", "%&#123;", StringComparison.Ordinal);

    /// <summary>A caption's text without the addresses of its links.</summary>
    public static string WithoutLinks(string caption) => LinkPattern().Replace(caption, "${text}");

    /// <summary>A caption's line for Plotly.</summary>
    public static string EncodeLinks(string line) => LinkPattern().Replace(Encode(line), "<a href=\"${address}\">${text}</a>");

    /// <summary>A caption as HTML.</summary>
    public static string HtmlLinks(string caption) => LinkPattern().Replace(WebUtility.HtmlEncode(caption), "<a href=\"${address}\">${text}</a>");

    public static int Width(IEnumerable<string> labels) => (int)Math.Ceiling(labels.Select(label => label.Length).DefaultIfEmpty(0).Max() * CharacterWidth);

    /// <summary>Breaks text at spaces and after hyphens into lines of a width in pixels; longer words stay whole.</summary>
    public static IReadOnlyList<string> WrapTo(string text, int pixels) => Broken(
        text.Replace("-", "-\u200B", StringComparison.Ordinal).Replace(" ", " \u200B", StringComparison.Ordinal).Split('\u200B'),
        line => line.Length * CharacterWidth > pixels);

    /// <summary>
    /// Breaks text at spaces into lines of at most <paramref name="width"/> characters; line breaks in the text stay. Plotly breaks no lines itself.
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, int width) =>
    [
        .. text.ReplaceLineEndings("\n").Split('\n').SelectMany(paragraph => Broken(
            paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word + " "), line => WithoutLinks(line).Length > width)),
    ];

    // The lines of parts, none of which is too long unless it is a single part.
    private static List<string> Broken(IEnumerable<string> parts, Func<string, bool> isTooLong)
    {
        var lines = new List<string> { "" };
        foreach (var part in parts)
        {
            if (lines[^1].Length > 0 && isTooLong((lines[^1] + part).TrimEnd()))
                lines.Add("");
            lines[^1] += part;
        }
        return [.. lines.Select(line => line.TrimEnd())];
    }

    // The text of a link holds no spaces, so that no line breaks in it.
    [GeneratedRegex(@"\[(?<text>[^ \n\[\]]+)\]\((?<address>\.{1,2}/[\w./-]+)\)")]
    private static partial Regex LinkPattern();
}
