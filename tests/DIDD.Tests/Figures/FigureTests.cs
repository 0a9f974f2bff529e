using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DIDD.Figures;
using Microsoft.DotNet.Interactive.Formatting;
using GenericChart = Plotly.NET.GenericChart;

namespace DIDD.Tests.Figures;

public sealed class FigureTests
{
    private const string Plotly = "application/vnd.plotly.v1+json";

    // Of the script that Plotly.NET carries.
    private static string PlotlyVersion => Regex.Match(string.Join(' ', typeof(GenericChart).Assembly.GetManifestResourceNames()), @"plotly-(\d+\.\d+\.\d+)\.min\.js").Groups[1].Value;

    [Fact]
    public void Figure_ShowsItselfInThreeMimeTypes_WithoutRegistration()
    {
        Assert.Equal([Plotly, "text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(Figure)));
        var figure = Line();
        Assert.Equal(figure.Json, figure.ToDisplayString(Plotly));
        Assert.Equal(figure.Html, figure.ToDisplayString("text/html"));
        Assert.Equal("A title\nA caption.", figure.ToDisplayString("text/plain"));
    }

    [Fact]
    public void FigureSeenAsObject_IsFormattedByItsOwnType()
    {
        object figure = Line();
        Assert.Equal(((Figure)figure).Json, figure.ToDisplayString(Plotly));
    }

    [Fact]
    public void Json_IsDataLayoutAndConfig_OfTheTheme()
    {
        using var json = JsonDocument.Parse(Line().Json);
        Assert.Equal(["data", "layout", "config"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("scatter", json.RootElement.GetProperty("data")[0].GetProperty("type").GetString());
        var layout = json.RootElement.GetProperty("layout");
        Assert.Equal("rgba(0,0,0,0)", layout.GetProperty("paper_bgcolor").GetString());
        Assert.Equal("A title", layout.GetProperty("title").GetProperty("text").GetString());
        Assert.False(layout.TryGetProperty("width", out _));
        Assert.True(json.RootElement.GetProperty("config").GetProperty("responsive").GetBoolean());
        Assert.False(json.RootElement.GetProperty("config").GetProperty("displaylogo").GetBoolean());
    }

    [Fact]
    public void EqualFigures_AreEqualBytes_InEveryCulture()
    {
        var first = Line();
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            var second = Line();
            Assert.Equal(first.Json, second.Json);
            Assert.Equal(first.Html, second.Html);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void DifferentFigures_HaveDifferentElements() =>
        Assert.NotEqual(Element(Line().Html), Element(Line().WithCaption("Another.").Html));

    [Fact]
    public void Html_ShowsTitleAndCaption_UntilPlotlyDraws()
    {
        var html = Line().Html;
        var beforeScript = html[..html.IndexOf("<script", StringComparison.Ordinal)];
        Assert.Contains("A title", beforeScript);
        Assert.Contains("A caption.", beforeScript);
        Assert.Contains($"https://cdn.plot.ly/plotly-{PlotlyVersion}.min.js", html);
        Assert.Contains("requirejs", html);
    }

    [Fact]
    public void Markup_InAnyLabel_IsShownAsText()
    {
        const string Evil = "<script>alert(1)</script>";
        var figures = new[]
        {
            Plot.Lines(Evil, [new(Evil, [1, 2], [1, 2], Hover: [Evil, Evil])], new(Evil, Evil), new(Evil, Evil), caption: Evil),
            Plot.HeatMap(Evil, new double?[,] { { 1 } }, [Evil], [Evil], Evil, Evil, Evil, Evil, caption: Evil),
            Plot.Bars(Evil, [Evil], [new(Evil, [1])], new(Evil, Evil), Evil, caption: Evil),
            Plot.Histogram(Evil, [new(Evil, [1, 2])], new(Evil, Evil), caption: Evil),
            Plot.ImageSheet(Evil, [new byte[1]], 1, 1, 1, [Evil], [Evil], Evil, Evil, [Evil], caption: Evil),
            Plot.Slider(Evil, [new(Evil, Line()), new(Evil, Line())], Evil, Evil),
        };
        foreach (var figure in figures)
        {
            Assert.DoesNotContain('<', figure.Json);
            Assert.DoesNotContain("alert(1)</script>", figure.Html);
            using var json = JsonDocument.Parse(figure.Json);
            Assert.All(Texts(json.RootElement), text => Assert.DoesNotContain("<script", text));
            Assert.Contains(Texts(json.RootElement), text => text.Contains("&lt;script&gt;", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void PercentBrace_InALabel_IsNoTemplateVariable()
    {
        using var json = JsonDocument.Parse(Plot.Lines("t", [new("s", [1, 2], [1, 2])], new("%{y}"), new("y")).Json);
        Assert.StartsWith("%&#123;y}: %{x}", json.RootElement.GetProperty("data")[0].GetProperty("hovertemplate").GetString());
    }

    [Fact]
    public void Caption_IsPartOfThePicture_AndMakesRoomForItself()
    {
        using var without = JsonDocument.Parse(Line().WithCaption("").Json);
        using var with = JsonDocument.Parse(Line().WithCaption(string.Join(' ', Enumerable.Repeat("word", 40))).Json);
        var (plain, captioned) = (without.RootElement.GetProperty("layout"), with.RootElement.GetProperty("layout"));
        var room = captioned.GetProperty("height").GetInt32() - plain.GetProperty("height").GetInt32();
        Assert.True(room >= 3 * 17);
        Assert.Equal(room, captioned.GetProperty("margin").GetProperty("b").GetInt32() - plain.GetProperty("margin").GetProperty("b").GetInt32());
        var annotation = captioned.GetProperty("annotations")[0];
        Assert.Equal(3, annotation.GetProperty("text").GetString()!.Split("<br>").Length);
        Assert.Equal(-plain.GetProperty("margin").GetProperty("b").GetInt32(), annotation.GetProperty("yshift").GetInt32());
    }

    [Fact]
    public void LinkInACaption_CountsAsItsTextAlone()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", 15));
        var figure = Line().WithCaption($"{words} [run](../data/runs/{new string('x', 60)}).");
        using var json = JsonDocument.Parse(figure.Json);
        var caption = json.RootElement.GetProperty("layout").GetProperty("annotations")[0].GetProperty("text").GetString()!;
        Assert.EndsWith($"<a href=\"../data/runs/{new string('x', 60)}\">run</a>.", caption);
        Assert.DoesNotContain("<br>", caption);
        Assert.Contains("<a href=\"../data/runs/", figure.Html[..figure.Html.IndexOf("<script", StringComparison.Ordinal)]);
        Assert.EndsWith("word run.", figure.ToString());
    }

    [Fact]
    public void PublicApi_HasNoFSharpOrPlotlyNetTypes()
    {
        var assembly = typeof(Figure).Assembly;
        var members = assembly.GetExportedTypes().SelectMany(type => type.GetMembers()).Where(member => member.DeclaringType!.Assembly == assembly);
        Assert.All(members, member => Assert.DoesNotMatch("FSharp|Plotly\\.NET|DynamicObj", member.ToString()));
    }

    private static Figure Line() =>
        Plot.Lines("A title", [new("s", [1, 2, 3], [0.1, 1234567.891, double.NaN])], new("x"), new("y", "%"), caption: "A caption.");

    private static string Element(string html) => html.Split('"')[1];

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
        _ => [],
    };
}
