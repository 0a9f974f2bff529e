using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Data.Analysis;

namespace DIDD.Figures;

/// <summary>
/// A data frame as HTML and as text: numbers to the right with a fixed number of decimals, a dash where there is none, at most 50 rows. A column whose name begins with ± is half the
/// interval of the one before, and shares its cell.
/// </summary>
internal static class DataFrameText
{
    private const int MostRows = 50;
    private const string Missing = "–";

    public static string Html(
        DataFrame frame, string caption, IReadOnlyDictionary<string, int> decimals, IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<Link>>> links)
    {
        var html = new StringBuilder("<table>\n");
        if (caption.Length > 0)
            html.Append("<caption style=\"text-align:left\">").Append(Labels.HtmlLinks(caption)).Append("</caption>\n");
        html.Append("<thead><tr>");
        foreach (var column in Shown(frame))
            html.Append("<th").Append(Align(column)).Append('>').Append(WebUtility.HtmlEncode(column.Name)).Append("</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        for (long row = 0; row < Math.Min(frame.Rows.Count, MostRows); row++)
        {
            html.Append("<tr>");
            foreach (var column in Shown(frame))
                html.Append("<td").Append(Align(column)).Append('>').Append(HtmlCell(frame, column, row, decimals, links)).Append("</td>");
            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n");
        if (Rest(frame) is { } rest)
            html.Append(CultureInfo.InvariantCulture, $"<tfoot><tr><td colspan=\"{Shown(frame).Count()}\">{rest}</td></tr></tfoot>\n");
        return html.Append("</table>").ToString();
    }

    public static string Plain(DataFrame frame, string caption, IReadOnlyDictionary<string, int> decimals)
    {
        var shown = Math.Min(frame.Rows.Count, MostRows);
        var columns = Shown(frame).Select(column =>
        {
            var cells = new List<string> { column.Name };
            for (long row = 0; row < shown; row++)
                cells.Add(Cell(frame, column, row, decimals));
            var width = cells.Max(cell => cell.Length);
            return cells.Select(cell => IsNumber(column) ? cell.PadLeft(width) : cell.PadRight(width)).ToArray();
        }).ToArray();
        var text = new StringBuilder();
        if (caption.Length > 0)
            text.Append(Labels.WithoutLinks(caption)).Append('\n');
        for (var line = 0; line <= shown; line++)
            text.Append(string.Join("  ", columns.Select(column => column[line])).TrimEnd()).Append('\n');
        if (Rest(frame) is { } rest)
            text.Append(rest).Append('\n');
        return text.ToString();
    }

    private static string? Rest(DataFrame frame) =>
        frame.Rows.Count <= MostRows
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"… {frame.Rows.Count - MostRows} of {frame.Rows.Count} rows left out");

    private static string Align(DataFrameColumn column) => $" style=\"text-align:{(IsNumber(column) ? "right" : "left")}\"";

    private static bool IsNumber(DataFrameColumn column) => column.IsNumericColumn();

    private static IEnumerable<DataFrameColumn> Shown(DataFrame frame) => frame.Columns.Where(column => !IsHalfWidth(column));

    private static bool IsHalfWidth(DataFrameColumn column) => column.Name.StartsWith('±');

    private static string HtmlCell(
        DataFrame frame, DataFrameColumn column, long row, IReadOnlyDictionary<string, int> decimals, IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<Link>>> links) =>
        WebUtility.HtmlEncode(Cell(frame, column, row, decimals)) + (links.TryGetValue(column.Name, out var ofColumn) && ofColumn[(int)row] is { Count: > 0 } ofCell
            ? ":&nbsp;" + string.Join("&nbsp;", ofCell.Select(link => $"<a href=\"{WebUtility.HtmlEncode(link.Address)}\">{WebUtility.HtmlEncode(link.Text)}</a>"))
            : "");

    private static string Cell(DataFrame frame, DataFrameColumn column, long row, IReadOnlyDictionary<string, int> decimals)
    {
        var next = frame.Columns.SkipWhile(each => each != column).ElementAtOrDefault(1);
        return Value(column, row, decimals) + (next is not null && IsHalfWidth(next) && Value(next, row, decimals) is var half and not Missing ? $"\u00A0±\u00A0{half}" : "");
    }

    private static string Value(DataFrameColumn column, long row, IReadOnlyDictionary<string, int> decimals) => column[row] switch
    {
        null or double.NaN or float.NaN => Missing,
        double or float or decimal when column[row] is IFormattable number => number.ToString(
            Fixed(decimals.GetValueOrDefault(column.Name, Table.DefaultDecimals)), CultureInfo.InvariantCulture),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
    };

    // What rounds to zero has no sign.
    private static string Fixed(int decimals)
    {
        var digits = decimals == 0 ? "0" : $"0.{new string('0', decimals)}";
        return $"{digits};-{digits};{digits}";
    }
}
