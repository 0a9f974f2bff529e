using System.Security.Cryptography;
using Newtonsoft.Json;
using Plotly.NET;

namespace DIDD.Figures;

/// <summary>
/// A Plotly figure that shows itself in a notebook, as Plotly's JSON, as HTML and as text, whatever the engine: as a cell's last value or with
/// <c>figure.Display()</c>. Equal content gives equal bytes. Made by <see cref="Plot"/>.
/// </summary>
[TypeFormatterSource(typeof(FigureFormatters), PreferredMimeTypes = [FigureFormatters.PlotlyMimeType, HtmlFormatter.MimeType, PlainTextFormatter.MimeType])]
public sealed class Figure
{
    // Of the version whose JSON Plotly.NET writes.
    private const string Cdn = $"https://cdn.plot.ly/plotly-{Globals.PLOTLYJS_VERSION}.min.js";

    private readonly Lazy<string> _json;

    internal Figure(string title, string caption, IReadOnlyList<Trace> traces, Node layout) =>
        (Title, Caption, Traces, Layout, _json) = (title, caption, traces, layout, new(Serialise));

    /// <summary>The title, as plain text.</summary>
    public string Title { get; }

    /// <summary>The sentence under the figure, as plain text in which <c>[text](../path)</c> is a link; empty if there is none.</summary>
    public string Caption { get; }

    /// <summary>
    /// The figure as Plotly's JSON: <c>{"data": […], "layout": {…}, "config": {…}}</c>, without any <c>&lt;</c>, so that a script element can hold it.
    /// </summary>
    public string Json => _json.Value;

    /// <summary>
    /// The figure as a part of a page: an element that shows title and caption until plotly.js has drawn over them, which may be never: in a page without scripts, or without a network.
    /// Plotly comes from the page where the page has it, else through RequireJS where the page has that, else from the public CDN.
    /// </summary>
    public string Html => Widget.Resource("figure.html").TrimEnd()
        .Replace("{{hash}}", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json)))[..16], StringComparison.Ordinal)
        .Replace("{{height}}", Height.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{{cdn}}", Cdn[..^3], StringComparison.Ordinal)
        .Replace("{{title}}", WebUtility.HtmlEncode(Title), StringComparison.Ordinal)
        .Replace("{{caption}}", Labels.HtmlLinks(Caption), StringComparison.Ordinal)
        .Replace("{{figure}}", Json, StringComparison.Ordinal);

    internal IReadOnlyList<Trace> Traces { get; }

    /// <summary>The layout without the caption.</summary>
    internal Node Layout { get; }

    private int Height => (int)Layout["height"]! + CaptionRoom;

    private int CaptionRoom => Caption.Length == 0 ? 0 : CaptionLines.Count * Theme.CaptionLine + 8;

    private IReadOnlyList<string> CaptionLines => Labels.Wrap(Caption, Theme.CaptionColumns);

    /// <summary>The same figure with another sentence under it.</summary>
    /// <param name="caption">
    /// Plain text; lines break by themselves, or where it has line breaks. <c>[text](../path)</c>, the text without spaces and the path from the notebook's
    /// folder, is a link.
    /// </param>
    public Figure WithCaption(string caption) => new Figure(Title, caption, Traces, Layout);

    /// <summary>Title and caption.</summary>
    public override string ToString() => Caption.Length == 0 ? Title : $"{Title}\n{Labels.WithoutLinks(Caption)}";

    private string Serialise()
    {
        var figure = new Node { ["data"] = Traces, ["layout"] = WithCaptionBelow(), ["config"] = Theme.Config() };
        return JsonConvert.SerializeObject(figure).Replace("<", "\\u003c", StringComparison.Ordinal);
    }

    /// <summary>The caption is an annotation under everything else, so that pictures of the figure carry it too; the figure grows by its lines.</summary>
    private Node WithCaptionBelow()
    {
        if (Caption.Length == 0)
            return Layout;
        var margin = new Node((Node)Layout["margin"]!);
        var below = (int)margin["b"]!;
        margin["b"] = below + CaptionRoom;
        var annotation = new Node
        {
            ["text"] = string.Join("<br>", CaptionLines.Select(Labels.EncodeLinks)),
            ["showarrow"] = false,
            ["align"] = "left",
            ["xref"] = "paper",
            ["x"] = 0,
            ["xanchor"] = "left",
            ["yref"] = "paper",
            ["y"] = 0,
            ["yanchor"] = "top",
            ["yshift"] = -below,
        };
        return new Node(Layout)
        {
            ["margin"] = margin,
            ["height"] = Height,
            ["annotations"] = new object[] { annotation },
        };
    }
}
