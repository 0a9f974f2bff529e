namespace DIDD.Figures;

/// <summary>A part of a page that a reader plays with: HTML with its own script and style, which asks neither a kernel nor a network, and its content in words.</summary>
[TypeFormatterSource(typeof(WidgetFormatters), PreferredMimeTypes = [HtmlFormatter.MimeType, PlainTextFormatter.MimeType])]
public sealed record Widget(string Html, string Text)
{
    /// <summary>Two losses in the plane, their gradients, and sliders for ᾱ and β̄: where does the point come to rest? The reader marks it, then sees the path.</summary>
    public static Widget ConflictToy { get; } = new(
        Resource("conflict-toy.html"), "Two losses in the plane, their gradients, and sliders for ᾱ and β̄: mark where the point will come to rest, then reveal its path.");

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Widget).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
