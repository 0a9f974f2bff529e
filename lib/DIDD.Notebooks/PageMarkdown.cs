using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Extensions.Mathematics;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace DIDD.Notebooks;

/// <summary>Renders a Markdown cell as HTML that needs nothing beside the page: pictures are embedded, links to notebooks lead to their pages.</summary>
internal static class PageMarkdown
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseMathematics().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UseEmphasisExtras().UseFootnotes().UseAutoLinks().Build();

    /// <summary>Renders Markdown.</summary>
    /// <param name="markdown">The text.</param>
    /// <param name="attachments">Pictures that the cell carries, as nbformat has them.</param>
    /// <param name="folder">Folder that relative links start from; null where it is not known.</param>
    /// <param name="lead">The address in place of a link's, null for a text without a link.</param>
    public static string ToHtml(string markdown, JsonObject attachments, string? folder, Func<string, string?> lead)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            var url = link.Url ?? "";
            if (link.IsImage)
                link.Url = Embedded(url, attachments, folder) ?? url;
            else if (lead(url) is { } address)
                link.Url = address;
            else
                link.ReplaceBy(new ContainerInline());
        }

        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.Replace<HtmlMathInlineRenderer>(new TypesetInline());
        renderer.ObjectRenderers.Replace<HtmlMathBlockRenderer>(new TypesetBlock());
        renderer.Render(document);
        return writer.ToString();
    }

    private static string? Embedded(string url, JsonObject attachments, string? folder)
    {
        if (url.StartsWith("attachment:", StringComparison.Ordinal)
            && attachments[Uri.UnescapeDataString(url["attachment:".Length..])] is JsonObject { Count: > 0 } attachment)
        {
            var (mimeType, content) = attachment.First();
            return $"data:{mimeType};base64,{NotebookCell.JoinLines(content)}";
        }

        var file = Path.Combine(folder ?? "", Uri.UnescapeDataString(url));
        return folder is not null && File.Exists(file) && ImageType(file) is { } type ? $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(file))}" : null;
    }

    private static string? ImageType(string file) => Path.GetExtension(file).ToUpperInvariant() switch
    {
        ".PNG" => "image/png",
        ".JPG" or ".JPEG" => "image/jpeg",
        ".GIF" => "image/gif",
        ".SVG" => "image/svg+xml",
        _ => null,
    };

    private sealed class TypesetInline : HtmlObjectRenderer<MathInline>
    {
        protected override void Write(HtmlRenderer renderer, MathInline obj) => renderer.Write(Formula.ToHtml(obj.Content.ToString(), display: false));
    }

    private sealed class TypesetBlock : HtmlObjectRenderer<MathBlock>
    {
        protected override void Write(HtmlRenderer renderer, MathBlock obj) => renderer.WriteLine(Formula.ToHtml(obj.Lines.ToString(), display: true));
    }
}
