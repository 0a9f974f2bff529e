namespace DIDD.Figures;

/// <content>
/// As HTML and as text: numbers to the right with a fixed number of decimals, a dash where there is none, at most 50 rows. A column whose name begins with ± is half the interval of the
/// one before, and shares its cell.
/// </content>
public sealed partial record Table
{
    private const int MostRows = 50, DefaultDecimals = 2;
    private const string Missing = "–";

    /// <summary>The table as HTML: numbers to the right, at most 50 rows.</summary>
    public string Html
    {
        get
        {
            var html = new StringBuilder("<table>\n");
            if (Caption.Length > 0)
                html.Append("<caption style=\"text-align:left\">").Append(Labels.HtmlLinks(Caption)).Append("</caption>\n");
            var heads = Shown.Select(column => $"<th{Align(column)}>{WebUtility.HtmlEncode(column.Name)}</th>");
            html.Append("<thead><tr>").AppendJoin("", heads).Append("</tr></thead>\n<tbody>\n");
            for (var row = 0; row < ShownRows; row++)
                html.Append("<tr>").AppendJoin("", Shown.Select(column => $"<td{Align(column)}>{HtmlCell(column, row)}</td>")).Append("</tr>\n");
            html.Append("</tbody>\n");
            if (Rest is { } rest)
                html.Append(CultureInfo.InvariantCulture, $"<tfoot><tr><td colspan=\"{Shown.Count()}\">{rest}</td></tr></tfoot>\n");
            return html.Append("</table>").ToString();
        }
    }

    private IEnumerable<DataFrameColumn> Shown => Frame.Columns.Where(column => !IsHalfWidth(column));

    private int ShownRows => (int)Math.Min(Frame.Rows.Count, MostRows);

    private string? Rest => Frame.Rows.Count <= MostRows ? null
        : string.Create(CultureInfo.InvariantCulture, $"… {Frame.Rows.Count - MostRows} of {Frame.Rows.Count} rows left out");

    /// <summary>The table as aligned text, at most 50 rows.</summary>
    public override string ToString()
    {
        var columns = Shown.Select(column =>
        {
            string[] cells = [column.Name, .. Enumerable.Range(0, ShownRows).Select(row => Cell(column, row))];
            var width = cells.Max(cell => cell.Length);
            return cells.Select(cell => column.IsNumericColumn() ? cell.PadLeft(width) : cell.PadRight(width)).ToArray();
        }).ToArray();
        var text = new StringBuilder();
        if (Caption.Length > 0)
            text.Append(Labels.WithoutLinks(Caption)).Append('\n');
        for (var line = 0; line <= ShownRows; line++)
            text.Append(string.Join("  ", columns.Select(column => column[line])).TrimEnd()).Append('\n');
        if (Rest is { } rest)
            text.Append(rest).Append('\n');
        return text.ToString();
    }

    private static string Align(DataFrameColumn column) => $" style=\"text-align:{(column.IsNumericColumn() ? "right" : "left")}\"";

    private static bool IsHalfWidth(DataFrameColumn column) => column.Name.StartsWith('±');

    private string HtmlCell(DataFrameColumn column, int row) =>
        WebUtility.HtmlEncode(Cell(column, row)) + (Links.TryGetValue(column.Name, out var ofColumn) && ofColumn[row] is { Count: > 0 } ofCell
            ? ":&nbsp;" + string.Join("&nbsp;", ofCell.Select(link => $"<a href=\"{WebUtility.HtmlEncode(link.Address)}\">{WebUtility.HtmlEncode(link.Text)}</a>"))
            : "");

    private string Cell(DataFrameColumn column, int row)
    {
        var next = Frame.Columns.SkipWhile(each => each != column).ElementAtOrDefault(1);
        return Value(column, row) + (next is not null && IsHalfWidth(next) && Value(next, row) is var half and not Missing ? $"\u00A0±\u00A0{half}" : "");
    }

    private string Value(DataFrameColumn column, int row) => column[row] switch
    {
        null or double.NaN or float.NaN => Missing,
        double or float or decimal when column[row] is IFormattable number =>
            number.ToString(Fixed(Decimals.GetValueOrDefault(column.Name, DefaultDecimals)), CultureInfo.InvariantCulture),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
    };

    // What rounds to zero has no sign.
    private static string Fixed(int decimals)
    {
        var digits = decimals == 0 ? "0" : $"0.{new string('0', decimals)}";
        return $"{digits};-{digits};{digits}";
    }
}
