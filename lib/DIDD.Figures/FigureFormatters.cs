using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Figures;

/// <summary>How notebooks show a <see cref="Figure"/>; they find it through the attribute on that class.</summary>
internal sealed class FigureFormatters : ITypeFormatterSource
{
    public const string PlotlyMimeType = "application/vnd.plotly.v1+json";

    public IEnumerable<ITypeFormatter> CreateTypeFormatters() =>
    [
        new AnyFormatter<Figure>(PlotlyMimeType, figure => figure.Json),
        new AnyFormatter<Figure>(HtmlFormatter.MimeType, figure => figure.Html),
        new AnyFormatter<Figure>(PlainTextFormatter.MimeType, figure => figure.ToString()),
    ];
}
