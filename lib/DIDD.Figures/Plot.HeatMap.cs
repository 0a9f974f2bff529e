namespace DIDD.Figures;

public static partial class Plot
{
    /// <summary>A matrix as coloured cells, first row on top, such as the accuracy matrix A[t,k].</summary>
    /// <param name="title">The title.</param>
    /// <param name="values">The values, [rows, columns]; null and NaN leave a cell blank.</param>
    /// <param name="rows">A label for each row; 1, 2, … if null.</param>
    /// <param name="columns">A label for each column; 1, 2, … if null.</param>
    /// <param name="rowTitle">What the rows are.</param>
    /// <param name="columnTitle">What the columns are.</param>
    /// <param name="value">What the cells are.</param>
    /// <param name="unit">The unit of the cells, such as <c>%</c>.</param>
    /// <param name="range">The values at the ends of the colour scale; those of the data if null.</param>
    /// <param name="diverging">Whether the sign matters: colours then diverge from the middle, which is zero unless a range says otherwise.</param>
    /// <param name="annotate">Whether each cell shows its value; if null, up to 12 columns do.</param>
    /// <param name="decimals">Digits after the point in cells and on hover, 0 to 10.</param>
    /// <param name="caption">The sentence under the figure.</param>
    /// <exception cref="ArgumentException">Labels that don't fit the matrix, no finite value, or an impossible range.</exception>
    public static Figure HeatMap(
        string title, double?[,] values, IReadOnlyList<string>? rows = null, IReadOnlyList<string>? columns = null,
        string rowTitle = "", string columnTitle = "", string value = "value", string unit = "", (double Low, double High)? range = null,
        bool diverging = false, bool? annotate = null, int decimals = 1, string caption = "")
    {
        var (height, width) = (values.GetLength(0), values.GetLength(1));
        if (values.Length == 0)
            throw new ArgumentException("There is no cell in the matrix; give at least one row and one column.");
        Check.Length(rows, height, "row labels", "rows");
        Check.Length(columns, width, "column labels", "columns");
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 10);
        rows ??= Numbered(height);
        columns ??= Numbered(width);
        var cells = Cells(height, width, (row, column) => values[row, column] ?? double.NaN);
        var finite = cells.SelectMany(row => row).Where(double.IsFinite).ToArray();
        Check.AnyFinite(finite, "The matrix");
        var (low, high) = range ?? Ends(finite, diverging);
        Check.Range((low, high), "the colours");

        var number = string.Create(CultureInfo.InvariantCulture, $"%{{z:.{decimals}f}}");
        var heatMap = TraceOf("heatmap", new Node
        {
            ["z"] = cells.Select(Numbers.Compact).ToArray(),
            ["zmin"] = Numbers.Compact(low),
            ["zmax"] = Numbers.Compact(high),
            ["colorscale"] = diverging ? Theme.DivergingScale() : Theme.Sequential,
            ["colorbar"] = Theme.ColourBar(new Axis(value, unit).Label),
            ["xgap"] = 1,
            ["ygap"] = 1,
            ["hoverongaps"] = false,
            ["customdata"] = Cells(height, width, (row, column) => Labels.Encode($"{rowTitle} {rows[row]}, {columnTitle} {columns[column]}".Trim())),
            ["hovertemplate"] = $"%{{customdata}}<br>{Labels.ForTemplate(value)}: {number}{new Axis(value, unit).Suffix}<extra></extra>",
        });
        if (annotate ?? width <= 12)
        {
            // Not a template of z, which would write 0 into blank cells.
            string Shown(double cell) => double.IsFinite(cell) ? cell.ToString($"F{decimals}", CultureInfo.InvariantCulture) : "";
            heatMap.SetProperty("text", cells.Select(row => row.Select(Shown).ToArray()).ToArray());
            heatMap.SetProperty("texttemplate", "%{text}");
        }
        var (x, tickHeight) = Theme.NamedAxis(columnTitle, columns);
        var (y, _) = Theme.NamedAxis(rowTitle, rows);
        // Rows stand below each other: their labels keep to one line.
        y["ticktext"] = Labels.Encode(rows);
        y["tickangle"] = 0;
        y["autorange"] = "reversed";
        var plotHeight = Math.Clamp(height * 34, 120, 560);
        return new Figure(title, caption, [heatMap], Theme.Layout(title, x, y, plotHeight, Labels.Width(rows), tickHeight));
    }

    /// <summary>Rows of one length as a matrix.</summary>
    internal static double?[,] Matrix(IEnumerable<IEnumerable<double?>> rows)
    {
        var cells = rows.Select(row => row.ToArray()).ToArray();
        var matrix = new double?[cells.Length, cells[0].Length];
        for (var row = 0; row < cells.Length; row++)
            for (var column = 0; column < cells[row].Length; column++)
                matrix[row, column] = cells[row][column];
        return matrix;
    }

    private static T[][] Cells<T>(int rows, int columns, Func<int, int, T> cell) =>
        [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, columns).Select(column => cell(row, column)).ToArray())];

    internal static string[] Numbered(int count) => [.. Enumerable.Range(1, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private static (double Low, double High) Ends(double[] values, bool diverging)
    {
        var (low, high) = diverging ? (-values.Max(Math.Abs), values.Max(Math.Abs)) : (values.Min(), values.Max());
        return low < high ? (low, high) : (low - 0.5, high + 0.5);
    }
}
