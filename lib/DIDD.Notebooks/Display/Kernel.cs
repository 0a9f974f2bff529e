using Microsoft.AspNetCore.Html;

namespace Microsoft.DotNet.Interactive;

/// <summary>Functions that every cell has without a prefix, named as .NET Interactive names them so that notebooks run on both.</summary>
public static class Kernel
{
    /// <summary>Shows a value among the cell's outputs.</summary>
    /// <param name="value">The value.</param>
    /// <param name="mimeTypes">MIME types to format it as; none for those that its type prefers.</param>
    /// <returns>A handle that replaces what is shown.</returns>
    public static DisplayedValue display(object? value, params string[] mimeTypes) => value.Display(mimeTypes);

    /// <summary>Marks a text as HTML, so that displaying it renders it.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);

    /// <summary>Adds a style sheet to the cell's outputs.</summary>
    public static void CSS(string content) => HTML($"<style>{content}</style>").Display();
}
