using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;
using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Figures;

/// <summary>
/// How notebooks show a <see cref="Table"/>, found through the attribute on that class, and a <see cref="DataFrame"/>, which can't carry one.
/// </summary>
internal sealed class TableFormatters : ITypeFormatterSource
{
    public IEnumerable<ITypeFormatter> CreateTypeFormatters() =>
    [
        new AnyFormatter<Table>(HtmlFormatter.MimeType, table => table.Html),
        new AnyFormatter<Table>(PlainTextFormatter.MimeType, table => table.ToString()),
    ];

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A data frame must show itself without a registration call in the notebook.")]
    internal static void RegisterDataFrame()
    {
        Formatter.Register(new AnyFormatter<DataFrame>(HtmlFormatter.MimeType, frame => Table.Of(frame).Html));
        Formatter.Register(new AnyFormatter<DataFrame>(PlainTextFormatter.MimeType, frame => Table.Of(frame).ToString()));
        Formatter.SetPreferredMimeTypesFor(typeof(DataFrame), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
    }
}
