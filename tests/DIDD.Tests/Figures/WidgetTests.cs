using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests.Figures;

public sealed partial class WidgetTests
{
    [Fact]
    public void Explorer_HoldsTheSetsRatesAndAccuraciesOfTheRuns()
    {
        var runs = new[] { "finetune", "asymmetric" }.Select(rule => RunStore.Find(Profiles.Spec("laptop", rule: rule))!).ToList();
        var widget = SetExplorer.Of(runs);
        var data = JsonNode.Parse(Data().Match(widget.Html).Groups["json"].Value)!;
        Assert.Equal(20, data["domains"]!.AsArray().Count);
        foreach (var (run, rule) in runs.Zip(data["rules"]!.AsArray()))
            Assert.Equal(run.Accuracy.Rows[^1].Select(value => Math.Round(value!.Value, 1)), rule!["accuracy"]![19]!.AsArray().Select(value => (double)value!));
        using var last = runs[1].Set(19);
        using var difference = last.Alpha! - last.Beta!;
        var shown = data["rules"]![1]!["rates"]![19]!.AsArray().Select(value => (float)value!).ToList();
        Assert.All(difference.data<float>().ToArray().Zip(shown), pair => Assert.Equal(pair.First, pair.Second, 6e-4f));
        Assert.All(data["rules"]![0]!["rates"]!.AsArray(), rates => Assert.Empty(rates!.AsArray()));
        Assert.Equal(2, Film().Count(widget.Html));
    }

    [Fact]
    public void Widgets_AskForNothing_AndKeepStillWhereReadersWantThat()
    {
        var explorer = SetExplorer.Of(RunStore.Find(Profiles.Spec("laptop", rule: "finetune"))!).Html;
        Assert.Contains("prefers-reduced-motion", explorer, StringComparison.Ordinal);
        Assert.All((string[])[explorer, Widget.ConflictToy.Html], html => Assert.DoesNotMatch("(src|href)=\"(?!data:)|@import|https?://(?!www.w3.org/2000/svg)", html));
    }

    [Fact]
    public void RunsOfDifferentStreams_AreRefused_AndNone()
    {
        var folder = Directory.CreateTempSubdirectory("didd-widgets-");
        try
        {
            var other = new Runner(Profiles.Spec("smoke", rule: "reservoir").With("domains", "2").With("evaluation.epochs", "1").With("evaluation.testImages", "20"), folder.FullName).Execute();
            Assert.Contains("differ in their domains", Assert.Throws<ArgumentException>(() => SetExplorer.Of(RunStore.Find(Profiles.Spec("laptop", rule: "finetune"))!, other)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => SetExplorer.Of());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"getElementById\(""[^""]+""\), (?<json>\{.*\})\);")]
    private static partial Regex Data();

    [GeneratedRegex("class=\"film\"")]
    private static partial Regex Film();
}
