using System.Collections;

namespace DIDD.Figures;

/// <summary>
/// A data frame with a caption and decimals, which shows itself in a notebook as an HTML table and as aligned text. A bare
/// <see cref="DataFrame"/> shows itself the same way once anything of this library has run.
/// </summary>
[TypeFormatterSource(typeof(TableFormatters), PreferredMimeTypes = [HtmlFormatter.MimeType, PlainTextFormatter.MimeType])]
public sealed partial record Table
{
    private Table(DataFrame frame) => Frame = frame;

    /// <summary>The data.</summary>
    public DataFrame Frame { get; }

    /// <summary>The line above the table, in which <c>[text](../path)</c> is a link; empty if there is none.</summary>
    public string Caption { get; private init; } = "";

    private Dictionary<string, int> Decimals { get; init; } = [];

    private Dictionary<string, IReadOnlyList<IReadOnlyList<Link>>> Links { get; init; } = [];

    /// <summary>A table of columns.</summary>
    /// <param name="columns">
    /// A name and the values of each column: arrays or lists, of one length, of <c>string</c>, <c>int</c>, <c>long</c>, <c>float</c>, <c>double</c> or
    /// <c>bool</c>, or of the same with <c>null</c> for what is missing.
    /// </param>
    /// <exception cref="ArgumentException">No columns, two of one name, lists of different lengths, or values of another type.</exception>
    public static Table Of(params (string Name, IList Values)[] columns)
    {
        Check.NotEmpty(columns, "column", "give at least one");
        foreach (var (name, values) in columns)
            if (values.Count != columns[0].Values.Count)
                throw new ArgumentException($"Column '{name}' has {values.Count} values and '{columns[0].Name}' has {columns[0].Values.Count}; give all columns one length.");
        if (columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two columns are called '{twice.Key}'; give each its own name.");
        return Of(new DataFrame(columns.Select(column => Column(column.Name, column.Values))));
    }

    /// <summary>A table of a data frame that exists already.</summary>
    /// <param name="frame">The data; not copied.</param>
    public static Table Of(DataFrame frame) => new(frame);

    /// <summary>The same table with a line above it.</summary>
    public Table WithCaption(string caption) => this with { Caption = caption };

    /// <summary>The same table with links in the cells of a column, where it is HTML; the data and the text stay.</summary>
    /// <param name="column">The column.</param>
    /// <param name="links">The links behind the value of every row.</param>
    /// <exception cref="ArgumentException">A column that the table doesn't have, or another number of rows.</exception>
    public Table WithLinks(string column, IReadOnlyList<IReadOnlyList<Link>> links)
    {
        Known(column);
        Check.Length(links, (int)Frame.Rows.Count, "lists of links", "rows");
        return this with { Links = new(Links) { [column] = links } };
    }

    /// <summary>The same table with another number of digits after the point than two.</summary>
    /// <param name="count">The number of digits, 0 to 15.</param>
    /// <param name="columns">The columns meant; all if none is named.</param>
    /// <exception cref="ArgumentException">A column that the table doesn't have.</exception>
    public Table WithDecimals(int count, params string[] columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 15);
        var names = Known(columns);
        var changed = new Dictionary<string, int>(Decimals);
        foreach (var name in columns.Length == 0 ? names : columns)
            changed[name] = count;
        return this with { Decimals = changed };
    }

    // The names of all columns, some of which must be among them.
    private string[] Known(params string[] columns)
    {
        var names = Frame.Columns.Select(column => column.Name).ToArray();
        return columns.Except(names).FirstOrDefault() is { } unknown
            ? throw new ArgumentException($"There is no column '{unknown}'; the columns are {string.Join(", ", names)}.")
            : names;
    }

    private static DataFrameColumn Column(string name, IList values) => values switch
    {
        IEnumerable<string?> texts => new StringDataFrameColumn(name, texts),
        IEnumerable<int> numbers => new Int32DataFrameColumn(name, numbers),
        IEnumerable<int?> numbers => new Int32DataFrameColumn(name, numbers),
        IEnumerable<long> numbers => new Int64DataFrameColumn(name, numbers),
        IEnumerable<long?> numbers => new Int64DataFrameColumn(name, numbers),
        IEnumerable<float> numbers => new SingleDataFrameColumn(name, numbers),
        IEnumerable<float?> numbers => new SingleDataFrameColumn(name, numbers),
        IEnumerable<double> numbers => new DoubleDataFrameColumn(name, numbers),
        IEnumerable<double?> numbers => new DoubleDataFrameColumn(name, numbers),
        IEnumerable<bool> flags => new BooleanDataFrameColumn(name, flags),
        IEnumerable<bool?> flags => new BooleanDataFrameColumn(name, flags),
        _ => throw new ArgumentException($"Column '{name}' is a {values.GetType().Name}; give an array or list of string, int, long, float, double or bool."),
    };
}
