using System.Text;

namespace DIDD.Figures;

/// <summary>Text that Plotly shows as it was given: plotly.js reads labels as a small HTML, so that <c>&lt;</c> must be encoded.</summary>
internal static class Labels
{
    /// <summary>Width of a character of the theme's 12-pixel font, in pixels, on the generous side.</summary>
    private const double CharacterWidth = 7;

    public static string Encode(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    public static string[] Encode(IEnumerable<string> texts) => [.. texts.Select(Encode)];

    /// <summary>Text inside a hover template, where <c>%{…}</c> would be a variable.</summary>
    public static string ForTemplate(string text) => Encode(text).Replace("%{", "%&#123;", StringComparison.Ordinal);

    public static int Width(IEnumerable<string> labels) => (int)Math.Ceiling(labels.Select(label => label.Length).DefaultIfEmpty(0).Max() * CharacterWidth);

    /// <summary>
    /// Breaks text at spaces into lines of at most <paramref name="width"/> characters; line breaks in the text stay. Plotly breaks no lines itself.
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = new StringBuilder();
            foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > width)
                {
                    lines.Add(line.ToString());
                    line.Clear();
                }

                if (line.Length > 0)
                    line.Append(' ');
                line.Append(word);
            }

            lines.Add(line.ToString());
        }

        return lines;
    }
}
