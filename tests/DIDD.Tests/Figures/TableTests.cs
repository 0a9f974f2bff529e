using DIDD.Figures;
using Microsoft.Data.Analysis;
using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Tests.Figures;

public class TableTests
{
    [Fact]
    public void Table_HoldsAFrameOfTypedColumns_WithNulls()
    {
        var frame = Rules().Frame;
        Assert.Equal([typeof(string), typeof(double), typeof(int)], frame.Columns.Select(column => column.DataType));
        Assert.Null(frame["A_T"][1]);
    }

    [Fact]
    public void Html_AlignsNumbersRight_WithTheDecimalsGiven() =>
        Assert.Equal(
            """
            <table>
            <caption style="text-align:left">Table &lt;1&gt;</caption>
            <thead><tr><th style="text-align:left">rule</th><th style="text-align:right">A_T</th><th style="text-align:right">seeds</th></tr></thead>
            <tbody>
            <tr><td style="text-align:left">&lt;b&gt;EWC</td><td style="text-align:right">38.8</td><td style="text-align:right">3</td></tr>
            <tr><td style="text-align:left">Joint</td><td style="text-align:right">–</td><td style="text-align:right">12</td></tr>
            </tbody>
            </table>
            """,
            Rules().WithCaption("Table <1>").WithDecimals(1, "A_T").Html.Replace("&#8211;", "–", StringComparison.Ordinal));

    [Fact]
    public void Links_StandBehindTheirValues_InHtmlAlone()
    {
        var table = Rules().WithCaption("Of [one](../data/runs/one), not [two](http://two).").WithLinks("seeds", [[new("0", "../data/runs/a"), new("<1>", "../data/runs/b")], []]);
        Assert.Contains("3:&nbsp;<a href=\"../data/runs/a\">0</a>&nbsp;<a href=\"../data/runs/b\">&lt;1&gt;</a></td>", table.Html);
        Assert.Contains(">12</td>", table.Html);
        Assert.Contains("Of <a href=\"../data/runs/one\">one</a>, not [two](http://two).</caption>", table.Html);
        Assert.StartsWith("Of one, not [two](http://two).\nrule", table.ToString());
        Assert.Equal(3, table.Frame["seeds"][0]);
    }

    [Fact]
    public void HalfAnInterval_SharesTheCellOfItsMean_AndWhatRoundsToZeroHasNoSign()
    {
        var table = Table.Of(("A_T", new[] { 38.81, -0.01 }), ("± A_T", new double?[] { 4.2, null })).WithDecimals(1);
        Assert.Equal("       A_T\n38.8\u00A0±\u00A04.2\n       0.0\n", table.ToString());
        Assert.Contains("<td style=\"text-align:right\">38.8&#160;&#177;&#160;4.2</td></tr>", table.Html, StringComparison.Ordinal);
        Assert.Equal(2, table.Frame.Columns.Count);
    }

    [Fact]
    public void Text_StandsInColumns() =>
        Assert.Equal("rule      A_T  seeds\n<b>EWC  38.81      3\nJoint       –     12\n", Rules().ToString());

    [Fact]
    public void LongTable_ShowsFiftyRows_AndSaysHowManyAreLeftOut()
    {
        var table = Table.Of(("n", Enumerable.Range(0, 120).ToArray()));
        Assert.Contains("70 of 120 rows left out", table.Html);
        Assert.Equal(51, table.Html.Split("<tr>").Length - 1 - 1);
        Assert.Contains("70 of 120 rows left out", table.ToString());
        Assert.DoesNotContain("left out", Table.Of(("n", new int[50])).Html);
    }

    [Fact]
    public void Table_ShowsItselfAsHtmlAndText_WithoutRegistration()
    {
        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(Table)));
        Assert.Equal(Rules().Html, Rules().ToDisplayString("text/html"));
        Assert.Equal(Rules().ToString(), Rules().ToDisplayString("text/plain"));
    }

    [Fact]
    public void BareDataFrame_ShowsItselfAsATable()
    {
        var frame = Rules().Frame;
        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(DataFrame)));
        Assert.Equal(Table.Of(frame).Html, frame.ToDisplayString("text/html"));
        Assert.Equal(Table.Of(frame).ToString(), frame.ToDisplayString("text/plain"));
    }

    [Fact]
    public void WhatIsNoTable_IsRefusedWithAReason()
    {
        Refused("no column", () => Table.Of());
        Refused("Column 'b' has 1 values and 'a' has 2", () => Table.Of(("a", new[] { 1, 2 }), ("b", new[] { 1 })));
        Refused("Two columns are called 'a'", () => Table.Of(("a", new[] { 1 }), ("a", new[] { 1 })));
        Refused("Column 'a' is a Object[]", () => Table.Of(("a", new object[] { 1 })));
        Refused("2 rows", () => Rules().WithLinks("seeds", []));
        Refused("no column 'x'; the columns are rule, A_T, seeds", () => Rules().WithDecimals(1, "x"));
    }

    private static void Refused(string reason, Func<Table> make) =>
        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(make).Message);

    private static Table Rules() =>
        Table.Of(("rule", new[] { "<b>EWC", "Joint" }), ("A_T", new double?[] { 38.812, null }), ("seeds", new List<int> { 3, 12 }));
}
