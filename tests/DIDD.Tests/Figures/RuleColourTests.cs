using System.Globalization;
using System.Text.Json.Nodes;
using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests.Figures;

/// <summary>Reads the figures that all notebooks carry: whoever has learnt a rule's colour in one recognises it in every other.</summary>
public sealed class RuleColourTests
{
    [Fact]
    public void ARule_HasOneColour_InEveryFigureOfEveryNotebook()
    {
        var names = Learners.Names.Where(rule => !rule.StartsWith("joint-", StringComparison.Ordinal)).ToDictionary(RunFigures.RuleName);
        var seen = Directory.GetFiles(Path.GetFullPath("../../notebooks", RunStore.RecordedFolder), "*.ipynb").Order(StringComparer.Ordinal).SelectMany(path => Figures(path)
            .SelectMany(Coloured).Where(item => names.ContainsKey(item.Name)).Select(item => (Rule: names[item.Name], Colour: Opaque(item.Colour), Notebook: Path.GetFileName(path)))).ToList();
        Assert.Empty(seen.Where(item => item.Colour != Opaque(Theme.Rule(item.Rule))).Select(item => $"{item.Notebook}: {item.Rule} is {item.Colour}, not {Theme.Rule(item.Rule)}"));
        foreach (var rule in (string[])["finetune", "stable", "linear", "asymmetric", "consolidated", "reservoir"])
            Assert.Contains(seen, item => item.Rule == rule);
    }

    private static IEnumerable<JsonObject> Figures(string path) => JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray()
        .SelectMany(cell => cell!["outputs"]?.AsArray() ?? []).Select(output => output?["data"]?["application/vnd.plotly.v1+json"]).OfType<JsonObject>();

    // Curves and histograms by their name; bars by the category, each with a colour of its own.
    private static IEnumerable<(string Name, string Colour)> Coloured(JsonObject figure) => figure["data"]!.AsArray().OfType<JsonObject>().SelectMany(trace =>
    {
        var colour = trace["marker"]?["line"]?["color"] ?? trace["line"]?["color"] ?? trace["marker"]?["color"];
        return (trace["customdata"], colour) switch
        {
            (JsonArray categories, JsonArray colours) => categories.Zip(colours, (category, each) => (Rule(category), $"{each}")),
            (_, JsonValue one) => [(Rule(trace["name"]), $"{one}")],
            _ => Enumerable.Empty<(string, string)>(),
        };
    });

    // Of a category such as "Asymmetric, as it is" the rule.
    private static string Rule(JsonNode? name) => $"{name}".Split(", ")[0];

    private static string Opaque(string colour) => colour.StartsWith('#')
        ? colour.ToUpperInvariant()
        : $"#{string.Concat(colour[(colour.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',').Take(3).Select(part => byte.Parse(part, CultureInfo.InvariantCulture).ToString("X2", CultureInfo.InvariantCulture)))}";
}
