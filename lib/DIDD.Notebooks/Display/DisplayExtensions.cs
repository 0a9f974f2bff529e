using DIDD.Notebooks;
using Microsoft.DotNet.Interactive;

namespace System;

/// <summary>Shows any value among the outputs of the cell that runs, whichever thread asks.</summary>
public static class DisplayExtensions
{
    /// <summary>Shows a value among the cell's outputs.</summary>
    /// <param name="value">The value.</param>
    /// <param name="mimeTypes">MIME types to format it as; none for those that its type prefers.</param>
    /// <returns>A handle that replaces what is shown.</returns>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) =>
        Session.Current.Show(mimeTypes is [] ? MimeBundle.Of(value) : MimeBundle.Of(value, mimeTypes));

    /// <summary>Shows a text as the given MIME type, unformatted: <c>"&lt;b&gt;x&lt;/b&gt;".DisplayAs("text/html")</c>.</summary>
    /// <param name="value">The text.</param>
    /// <param name="mimeType">What the text is.</param>
    /// <returns>A handle that replaces what is shown.</returns>
    public static DisplayedValue DisplayAs(this string value, string mimeType) =>
        Session.Current.Show(new Dictionary<string, string> { [mimeType] = value });
}
