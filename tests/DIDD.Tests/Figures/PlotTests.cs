using System.Text.Json;
using DIDD.Figures;
using SkiaSharp;

namespace DIDD.Tests.Figures;

public class PlotTests
{
    [Fact]
    public void HeatMap_LeavesNullAndNaNBlank()
    {
        var trace = Data(Plot.HeatMap("t", new double?[,] { { 1.26, null }, { double.NaN, 4 } }))[0];
        Assert.Equal("[[1.26,null],[null,4.0]]", trace.GetProperty("z").GetRawText());
        Assert.Equal("""[["1.3",""],["","4.0"]]""", trace.GetProperty("text").GetRawText());
    }

    [Fact]
    public void HeatMap_PutsTheFirstRowOnTop()
    {
        var axis = Layout(Plot.HeatMap("t", new double?[,] { { 1 }, { 2 } }, ["first", "second"])).GetProperty("yaxis");
        Assert.Equal("reversed", axis.GetProperty("autorange").GetString());
        Assert.Equal("""["first","second"]""", axis.GetProperty("ticktext").GetRawText());
    }

    [Fact]
    public void DivergingHeatMap_HasZeroInTheMiddle()
    {
        var trace = Data(Plot.HeatMap("t", new double?[,] { { -3, 1 } }, diverging: true))[0];
        Assert.Equal((-3, 3), (trace.GetProperty("zmin").GetDouble(), trace.GetProperty("zmax").GetDouble()));
    }

    [Fact]
    public void HeatMapOfOneValue_HasARange()
    {
        var trace = Data(Plot.HeatMap("t", new double?[,] { { 7 } }))[0];
        Assert.True(trace.GetProperty("zmin").GetDouble() < trace.GetProperty("zmax").GetDouble());
    }

    [Fact]
    public void Lines_DrawBandsUnderCurves_AndBreakBothAtGaps()
    {
        var data = Data(Plot.Lines(
            "t", [new("s", [0, 1, 2, 3, 4], [1, 2, double.NaN, 4, 5], [0, 1, double.NaN, 3, 4], [2, 3, double.NaN, 5, 6])], new("x"), new("y")));
        Assert.Equal("[1.0,2.0,null,4.0,5.0]", data[1].GetProperty("y").GetRawText());
        Assert.Equal("[0.0,1.0,1.0,0.0,null,3.0,4.0,4.0,3.0]", data[0].GetProperty("x").GetRawText());
        Assert.Equal("[2.0,3.0,1.0,0.0,null,5.0,6.0,4.0,3.0]", data[0].GetProperty("y").GetRawText());
    }

    [Fact]
    public void LogarithmicAxis_TakesItsRangeInItsUnit()
    {
        var axis = Layout(Plot.Lines("t", [new("s", [1, 2], [1, 2])], new("x"), new("y", Range: (0.01, 100), Logarithmic: true))).GetProperty("yaxis");
        Assert.Equal("log", axis.GetProperty("type").GetString());
        Assert.Equal([-2, 2], axis.GetProperty("range").EnumerateArray().Select(end => end.GetDouble()));
    }

    [Fact]
    public void LogarithmicAxis_IsLabelledAtItsFewValues_OrAtOneTwoAndFive()
    {
        List<string?> Labels(params double[] values) =>
            [.. Layout(Plot.Lines("t", [new("s", values, values)], new("x", Logarithmic: true), new("y"))).GetProperty("xaxis").GetProperty("ticktext").EnumerateArray().Select(label => label.GetString())];
        Assert.Equal(["1", "2", "5", "10", "20", "50", "100"], Labels(2, 3, 4, 5, 6, 7, 8, 40).SkipWhile(label => label != "1").TakeWhile(label => label != "200"));
        Assert.Equal(["15", "60"], Labels(15, 60));
    }

    [Fact]
    public void LongCategories_StandInLines_AndTheirBarsLieWhereAWordHasNoRoom()
    {
        Figure Bars(int count, string label) => Plot.Bars("t", [.. Enumerable.Repeat(label, count)], [new("s", [.. Enumerable.Repeat(1.0, count)], [.. Enumerable.Repeat(0.5, count)])], new("y"));
        var (standing, lying) = (Bars(6, "recorded, laptop, IPC 1"), Bars(20, "recorded"));
        var (lines, side) = (Layout(standing).GetProperty("xaxis"), Layout(lying).GetProperty("yaxis"));
        Assert.Equal(("recorded,<br>laptop, IPC 1", 0), (lines.GetProperty("ticktext")[0].GetString(), lines.GetProperty("tickangle").GetInt32()));
        Assert.Equal(("recorded", "reversed", 0), (side.GetProperty("ticktext")[0].GetString(), side.GetProperty("autorange").GetString(), side.GetProperty("tickangle").GetInt32()));
        Assert.Equal("y", Layout(lying).GetProperty("xaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal((1, 0.5), (JsonDocument.Parse(lying.Json).RootElement.GetProperty("data")[0].GetProperty("x")[0].GetDouble(), JsonDocument.Parse(lying.Json).RootElement.GetProperty("data")[0].GetProperty("error_x").GetProperty("array")[0].GetDouble()));
    }

    [Fact]
    public void Bars_CarryTheirErrors()
    {
        var trace = Data(Plot.Bars("t", ["a", "b"], [new("s", [1, 2], [0.5, 0])], new("y")))[0];
        Assert.Equal("[0.5,0.0]", trace.GetProperty("error_y").GetProperty("array").GetRawText());
        Assert.False(trace.TryGetProperty("texttemplate", out _));
    }

    [Fact]
    public void Histogram_CountsEachFiniteValueOnce_IncludingTheLastEdge()
    {
        var trace = Data(Plot.Histogram("t", [new("s", [0, 0.1, 0.5, 1, double.NaN])], new("x"), bins: 2))[0];
        Assert.Equal("[2.0,2.0]", trace.GetProperty("y").GetRawText());
        Assert.Equal("[0.25,0.75]", trace.GetProperty("x").GetRawText());
    }

    [Fact]
    public void HistogramOfShares_AddsUpToHundred()
    {
        var trace = Data(Plot.Histogram("t", [new("s", [1, 2, 3, 3, 8])], new("x"), bins: 7, share: true))[0];
        Assert.Equal(100, trace.GetProperty("y").EnumerateArray().Sum(bin => bin.GetDouble()), 9);
    }

    [Fact]
    public void GreySheet_HoldsEveryPixelInItsPlace()
    {
        const int Height = 3, Width = 4, Columns = 2;
        var images = Enumerable.Range(0, 5).Select(image => Enumerable.Range(0, Height * Width).Select(p => (byte)(image * 40 + p)).ToArray()).ToArray();
        using var sheet = Sheet(Plot.ImageSheet("t", images, Height, Width, Columns));
        Assert.Equal((Columns * (Width + 1) - 1, 3 * (Height + 1) - 1), (sheet.Width, sheet.Height));
        for (var i = 0; i < images.Length; i++)
        {
            for (var p = 0; p < Height * Width; p++)
            {
                var pixel = sheet.GetPixel(i % Columns * (Width + 1) + p % Width, i / Columns * (Height + 1) + p / Width);
                Assert.Equal((images[i][p], images[i][p], images[i][p]), (pixel.Red, pixel.Green, pixel.Blue));
            }
        }
    }

    [Fact]
    public void ColourSheet_KeepsRedGreenAndBlueApart()
    {
        using var sheet = Sheet(Plot.ImageSheet("t", [[1, 2, 3, 4, 5, 6], [7, 8, 9, 250, 251, 252]], 1, 2, 2));
        Assert.Equal(new SKColor(1, 2, 3), sheet.GetPixel(0, 0));
        Assert.Equal(new SKColor(4, 5, 6), sheet.GetPixel(1, 0));
        Assert.Equal(new SKColor(7, 8, 9), sheet.GetPixel(3, 0));
        Assert.Equal(new SKColor(250, 251, 252), sheet.GetPixel(4, 0));
        Assert.Equal(0, sheet.GetPixel(2, 0).Alpha);
    }

    [Fact]
    public void Sheet_ShowsEachPixelAsWholeScreenPixels()
    {
        var layout = Layout(Plot.ImageSheet("t", [new byte[4]], 2, 2, 1, scale: 5));
        var margin = layout.GetProperty("margin");
        Assert.Equal(10, layout.GetProperty("width").GetInt32() - margin.GetProperty("l").GetInt32() - margin.GetProperty("r").GetInt32());
        Assert.Equal(10, layout.GetProperty("height").GetInt32() - margin.GetProperty("t").GetInt32() - margin.GetProperty("b").GetInt32());
    }

    [Fact]
    public void SheetOfTwoHundredNoisyDigits_StaysUnder150Kilobytes()
    {
        // A disc of noise on black, a third of the pixels: more ink than any digit.
        var random = new Random(0);
        var images = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 784).Select(p =>
            Math.Pow(p / 28 - 13.5, 2) + Math.Pow(p % 28 - 13.5, 2) < 49 ? (byte)random.Next(256) : (byte)0).ToArray()).ToArray();
        Assert.InRange(Plot.ImageSheet("t", images, 28, 28, 20).Json.Length, 1, 150_000);
    }

    [Fact]
    public void Slider_ShowsTheTracesOfOneStepAtATime()
    {
        var step = Plot.Lines("t", [new("s", [1, 2], [1, 2], [0, 1], [2, 3])], new("x"), new("y"));
        var slider = Plot.Slider("all", [new("1", step), new("2", step), new("3", step)], "domain");
        Assert.Equal([true, true, false, false, false, false], Data(slider).Select(trace => trace.GetProperty("visible").GetBoolean()));
        var steps = Layout(slider).GetProperty("sliders")[0].GetProperty("steps");
        Assert.Equal("[false,false,true,true,false,false]", steps[1].GetProperty("args")[0].GetProperty("visible").GetRawText());
        Assert.Equal("all", Layout(slider).GetProperty("title").GetProperty("text").GetString());
        Assert.False(Data(step)[0].TryGetProperty("visible", out _));
    }

    [Fact]
    public void WhatCannotBeDrawn_IsRefusedWithAReason()
    {
        Axis x = new("x"), y = new("y");
        Refused("no series", () => Plot.Lines("t", [], x, y));
        Refused("There are 1 x values for 2 y values of the series 's'", () => Plot.Lines("t", [new("s", [1], [1, 2])], x, y));
        Refused("series 's' has no finite value", () => Plot.Lines("t", [new("s", [1, 2], [double.NaN, double.NaN])], x, y));
        Refused("has one edge", () => Plot.Lines("t", [new("s", [1], [1], Low: [0])], x, y));
        Refused("range of the axis 'y' is NaN to 1", () => Plot.Lines("t", [new("s", [1], [1])], x, new("y", Range: (double.NaN, 1))));
        Refused("range above zero", () => Plot.Lines("t", [new("s", [1], [1])], x, new("y", Range: (0, 1), Logarithmic: true)));
        Refused("3 row labels for 1 rows", () => Plot.HeatMap("t", new double?[,] { { 1 } }, ["a", "b", "c"]));
        Refused("no cell", () => Plot.HeatMap("t", new double?[0, 0]));
        Refused("matrix has no finite value", () => Plot.HeatMap("t", new double?[,] { { null } }));
        Refused("range of the colours is 1 to 0", () => Plot.HeatMap("t", new double?[,] { { 1 } }, range: (1, 0)));
        Refused("below zero", () => Plot.Bars("t", ["a"], [new("s", [1], [-1])], y));
        Refused("2 values of 's' for 1 categories", () => Plot.Bars("t", ["a"], [new("s", [1, 2])], y));
        Refused("give the logarithms", () => Plot.Histogram("t", [new("s", [1])], new("x", Logarithmic: true)));
        Refused("Image 1 has 5 bytes; 2 by 2 pixels are 4 bytes in grey or 12 in colour", () => Plot.ImageSheet("t", [new byte[4], new byte[5]], 2, 2, 2));
        Refused("no image", () => Plot.ImageSheet("t", [], 2, 2, 2));
        Refused("at least two", () => Plot.Slider("t", [new("1", Plot.Lines("t", [new("s", [1], [1])], x, y))]));
        Refused("step '2' differ", () => Plot.Slider(
            "t", [new("1", Plot.Lines("t", [new("s", [1], [1])], x, y)), new("2", Plot.Lines("t", [new("s", [1], [1])], x, new("other")))]));
    }

    private static void Refused(string reason, Func<Figure> draw) =>
        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(draw).Message);

    private static JsonElement[] Data(Figure figure) => [.. JsonDocument.Parse(figure.Json).RootElement.GetProperty("data").EnumerateArray()];

    private static JsonElement Layout(Figure figure) => JsonDocument.Parse(figure.Json).RootElement.GetProperty("layout");

    private static SKBitmap Sheet(Figure figure)
    {
        var source = Data(figure)[0].GetProperty("source").GetString()!;
        var png = Convert.FromBase64String(source[(source.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        using var codec = SKCodec.Create(new MemoryStream(png));
        return SKBitmap.Decode(codec, new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
    }
}
