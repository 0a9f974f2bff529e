using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DIDD.Figures;

/// <summary>How notebooks show a type, which they find through the attribute on it: in each MIME type exactly as a function renders it.</summary>
internal abstract class Formatters<T>(params (string MimeType, Func<T, string> Render)[] ways) : ITypeFormatterSource
{
    public IEnumerable<ITypeFormatter> CreateTypeFormatters() => ways.Select(way => new InOneType(way.MimeType, way.Render));

    private sealed class InOneType(string mimeType, Func<T, string> render) : TypeFormatter<T>
    {
        public override string MimeType => mimeType;

        public override bool Format(T value, FormatContext context)
        {
            context.Writer.Write(render(value));
            return true;
        }
    }
}

internal sealed class FigureFormatters() : Formatters<Figure>(
    (PlotlyMimeType, figure => figure.Json), (HtmlFormatter.MimeType, figure => figure.Html), (PlainTextFormatter.MimeType, figure => figure.ToString()))
{
    public const string PlotlyMimeType = "application/vnd.plotly.v1+json";
}

internal sealed class WidgetFormatters() : Formatters<Widget>(
    (HtmlFormatter.MimeType, widget => widget.Html), (PlainTextFormatter.MimeType, widget => widget.Text));

internal sealed class RunViewFormatters() : Formatters<RunView>((HtmlFormatter.MimeType, view => view.Html), (PlainTextFormatter.MimeType, view => view.Text));

/// <summary>How notebooks show a <see cref="Table"/>, and a <see cref="DataFrame"/>, which can't carry an attribute.</summary>
internal sealed class TableFormatters() : Formatters<Table>(
    (HtmlFormatter.MimeType, table => table.Html), (PlainTextFormatter.MimeType, table => table.ToString()))
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A data frame must show itself without a registration call in the notebook.")]
    internal static void RegisterDataFrame()
    {
        Formatter.Register<DataFrame>(frame => Table.Of(frame).Html, HtmlFormatter.MimeType);
        Formatter.Register<DataFrame>(frame => Table.Of(frame).ToString(), PlainTextFormatter.MimeType);
        Formatter.SetPreferredMimeTypesFor(typeof(DataFrame), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
    }
}
