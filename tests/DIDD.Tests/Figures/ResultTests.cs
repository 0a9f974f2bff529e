using DIDD.Data;
using DIDD.Evaluation;
using DIDD.Experiments;
using DIDD.Figures;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests.Figures;

public sealed class ResultTests(RunFiguresTests.TinyRuns runs) : IClassFixture<RunFiguresTests.TinyRuns>
{
    [Fact]
    public void EveryTableOfThePaper_IsThere_AndDifferencesOnlyAtItsNumberOfDomains()
    {
        var rows = ReportRow.Recorded(runs.Finetune);
        var tables = ResultTables.All(rows);
        Assert.Equal(PublishedResults.Settings.Count + rows.Select(row => (row.Spec.Dataset, row.Spec.Ipc)).Distinct().Except(PublishedResults.Settings).Count() + 1, tables.Count);
        var frame = ResultTables.Setting("r-mnist", 1, rows).Frame;
        var lines = frame.Rows.Select(row => (Rule: (string)row[0], Domains: (int?)row[2], Mean: (double?)row[4], Paper: (double?)row[6], Difference: (double?)row[7])).ToList();
        Assert.Equal(6, lines.Where(line => line.Paper is not null).Select(line => line.Rule).Distinct().Count());
        Assert.All(lines.Where(line => line.Domains == 20 && line.Paper is not null), line => Assert.Equal(line.Mean - line.Paper, line.Difference));
        Assert.All(lines.Where(line => line.Domains != 20), line => Assert.Null(line.Difference));
        // Runs of the profile smoke stand in no table with the paper's.
        Assert.DoesNotContain(lines, line => line.Domains == 2);
    }

    [Fact]
    public void ChangedSettings_AreNamed()
    {
        var row = Assert.Single(ReportRow.Of([runs.Stable]));
        Assert.Contains("distillation.iterations=3", row.Changes);
        Assert.DoesNotContain(row.Changes, change => change.StartsWith("distillation.momentum", StringComparison.Ordinal));
        Assert.Single(ReportRow.Recorded(), r => r.Spec.Dataset == "r-mnist" && r.Spec.Ipc == 1 && r.Spec.Rule == "finetune" && r.Spec.Profile == "laptop" && r.Changes.Count == 0);
        // A rule can start with a setting that is not the default of its type; the default is then a change, though JSON leaves it out.
        var spec = Profiles.Spec("laptop", rule: "consolidated");
        Assert.Empty(new ReportRow(spec, []).Changes);
        Assert.Equal(["distillation.decay=none"], new ReportRow(spec.With("distillation.decay", "none"), []).Changes);
    }

    [Theory]
    [InlineData("distillation.factor", "1", true)]
    [InlineData("evaluation.protocol", "official", true)]
    [InlineData("evaluation.protocol", "replay", false)]
    [InlineData("evaluation.architecture", "mlp", false)]
    [InlineData("evaluation.network.depth", "2", false)]
    [InlineData("distillation.objective", "dm", false)]
    [InlineData("domains", "10", false)]
    [InlineData("data.domains", "2,1", false)]
    public void ThePaper_IsHeldAgainstItsKindOfRunAlone(string key, string value, bool compares) =>
        Assert.Equal(compares, new ReportRow(Profiles.Spec("laptop").With(key, value), [runs.Stable]).ComparesWithThePaper);

    [Fact]
    public void BarsAgainstThePaper_SayTheDifferences()
    {
        var figure = RunFigures.AgainstThePaper("r-mnist", 1, ReportRow.Recorded());
        Assert.Contains("Finetune (laptop)", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("Highest bar of a stream at laptop size, in the fixed budget: Consolidation", RunFigures.AgainstThePaper("r-mnist", 10, ReportRow.Recorded()).Caption, StringComparison.Ordinal);
        var both = RunFigures.AgainstThePaper("pacs", 20, ReportRow.Recorded()).Caption;
        Assert.Contains("Asymmetric (paper)", both, StringComparison.Ordinal);
        Assert.Contains("of which laptop is smaller than the paper's", both, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RunFigures.AgainstThePaper("emoji-styles", 1, []));
    }

    [Fact]
    public void EveryClaim_IsShownInANotebook_WithTheVerdictOfItsRuns()
    {
        var claims = PaperClaim.Read(Path.Combine(Path.GetDirectoryName(RunStore.RecordedFolder)!, "claims.json"));
        Assert.All(claims, claim => Assert.Contains(claim.Id, File.ReadAllText(Path.Combine(Path.GetDirectoryName(RunStore.RecordedFolder)!, "..", "notebooks", ClaimTables.Notebook(claim.Id))), StringComparison.Ordinal));
        var all = ClaimTables.All().Frame;
        Assert.Equal(claims.Select(claim => claim.Says), all["claim of the paper"].Cast<string>());
        Assert.Equal(ClaimResult.Of(claims, RunStore.Recorded()).Select(result => ClaimTables.Word(result.Verdict)), all["verdict"].Cast<string>());
        Assert.Contains("no-such-claim", Assert.Throws<DataSetException>(() => ClaimTables.Found("no-such-claim")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_EndsTheNotebookWhereItDoesNotHold()
    {
        MeanInterval high = new(10, 1, 3), low = new(8, 0.5, 3);
        Claim.Above("one", high, low);
        Assert.Contains("two", Assert.Throws<ClaimException>(() => Claim.That(false, "two")).Message, StringComparison.Ordinal);
        Assert.Throws<ClaimException>(() => Claim.Above("overlap", high, low with { HalfWidth = 1.5 }));
        Assert.Throws<ClaimException>(() => Claim.Above("one seed", high, low with { HalfWidth = null }));
    }

    [Fact]
    public void Labour_IsThatOfTheSets()
    {
        var labour = DivisionOfLabour.Of(runs.Asymmetric);
        using SyntheticSet first = runs.Asymmetric.Set(0), last = runs.Asymmetric.Set(1);
        Assert.Equal((10, 1, 40), (labour.Classes, labour.Preference.Count, labour.Preference[0].Count));
        Assert.Equal(last.Alpha![7].item<float>() - last.Beta![7].item<float>(), labour.Preference[0][7], 1e-6);
        // Tile 3 of class 1 is the lower right quarter.
        using var corner = (last.Images - first.Images)[1, 0, 0, 14.., 14..].square().mean().sqrt();
        Assert.Equal(corner.item<float>(), labour.Change[0][7], 1e-6);
        Assert.Null(labour.Persistence);
        Assert.InRange(labour.ChangeCorrelation.Estimate, labour.ChangeCorrelation.Low, labour.ChangeCorrelation.High);
        Assert.Throws<ArgumentException>(() => DivisionOfLabour.Of(runs.Stable));
        var order = DivisionOfLabour.Order(runs.Asymmetric);
        Assert.All(order, tiles => Assert.Equal(tiles.OrderBy(tile => labour.Preference[0][(int)tile]), tiles));
    }

    [Fact]
    public void RunWithoutItsSets_IsRefusedWithTheRemedy()
    {
        var run = RunStore.Recorded().First(r => r.Spec is { Rule: "asymmetric", Seed: 1 });
        Assert.Contains("take seed 0", Assert.Throws<DataSetException>(() => DivisionOfLabour.Of(run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiles_AreInTheOrderOfTheRates_AndAPartTrainsAsThey()
    {
        using var images = rand([2, 3, 1, 8, 8]);
        using var set = new SyntheticSet(images.clone(), 2);
        using var tiles = set.Tiles();
        using var plain = new MultiFormation(2, set.Shape).Decode(images.narrow(1, 2, 1));
        // Class 1, image 2, tile 3.
        Assert.True(tiles[1 * 12 + 2 * 4 + 3].allclose(plain[1, 3]));
        using var part = set.Part([11, 0, 12, 23]);
        using var decoded = part.Decode();
        Assert.True(decoded[1, 1].allclose(tiles[23]));
        Assert.Throws<ArgumentException>(() => set.Part([0, 1, 2, 12]));
        Assert.Throws<ArgumentException>(() => set.Part([0, 12, 13]));
    }

    [Fact]
    public void RankCorrelation_IsOneForEqualOrders_AndItsIntervalIsWideForNoise()
    {
        var numbers = new Randomness(0).Stream(Purpose.Bootstrap, 1);
        double[] Draw() => [.. Enumerable.Range(0, 40).Select(_ => numbers.NextDouble())];
        double[][] x = [Draw(), Draw()];
        var same = BootstrapInterval.RankCorrelation(x, [.. x.Select(row => row.Select(value => value * value).ToArray())], 10);
        Assert.Equal((1.0, 1.0, 1.0), (Math.Round(same.Estimate, 9), Math.Round(same.Low, 9), Math.Round(same.High, 9)));
        var noise = BootstrapInterval.RankCorrelation(x, [Draw(), Draw()], 10);
        Assert.True(noise.Low < 0 && noise.High > 0, noise.ToString());
        Assert.Throws<ArgumentException>(() => BootstrapInterval.RankCorrelation(x, [x[0]], 10));
    }

    [Fact]
    public void Costs_AreThoseOfTheLogs()
    {
        var costs = RunCost.Of(ReportRow.Of([runs.Finetune, runs.Asymmetric]));
        var asymmetric = costs.Single(cost => cost.Row.Spec.Rule == "asymmetric");
        var log = runs.Asymmetric.Log();
        Assert.Equal(log.Where(r => r.Domain == 0).Max(r => r.Seconds) + log.Where(r => r.Domain == 1).Max(r => r.Seconds), asymmetric.Distilling.Mean, 1e-9);
        Assert.Equal(runs.Asymmetric.Environment()!.Seconds, asymmetric.Whole.Mean);
        Assert.Equal(costs.Count, CostTables.Recorded(costs, "finetune", "asymmetric").Frame.Rows.Count);
    }

    [Fact]
    public void Costs_NameTheSeedsThatTheyAreOf() =>
        Assert.All(RunCost.Of(ReportRow.Recorded()), cost => Assert.Equal(cost.Whole.Mean, cost.Row.Runs.Average(run => run.Environment()!.Seconds), 1e-9));

    [Fact]
    public void RatioToFinetune_IsOfRunsOfOneVersionAlone()
    {
        var costs = RunCost.Of(ReportRow.Recorded());
        var asymmetric = costs.First(cost => cost.Row.Spec is { Dataset: "r-mnist", Ipc: 1, Rule: "asymmetric" } && cost.Row.Changes.Count == 0);
        var finetune = costs.First(cost => cost.Row.Spec is { Dataset: "r-mnist", Ipc: 1, Rule: "finetune" } && cost.Row.Changes.Count == 0);
        Assert.Equal(asymmetric.Distilling.Mean / finetune.Distilling.Mean, asymmetric.ToFinetune(costs));
        Assert.Null((asymmetric with { Library = "another version" }).ToFinetune(costs));
    }

    [Fact]
    public void Protocols_AreComparedOnEveryDomain()
    {
        using var stream = Streams.Open(runs.Finetune.Spec);
        using var set = runs.Finetune.Set(1);
        var settings = runs.Finetune.Spec.Evaluation with { Epochs = 3, Networks = 2 };
        var comparison = ProtocolComparison.Of(stream, set, settings, new Randomness(0));
        Assert.Equal(stream.Domains, comparison.Domains);
        Assert.Equal(comparison.Official.Average(o => o.Mean) - comparison.Clean.Average(c => c.Mean), comparison.Difference.Mean, 1e-9);
        Assert.NotNull(comparison.Difference.HalfWidth);
        foreach (var (protocol, measured) in new[] { (Protocol.Clean, comparison.Clean), (Protocol.Official, comparison.Official) })
        {
            using var evaluator = new Evaluator(stream, settings with { Protocol = protocol }, new Randomness(0));
            var networks = evaluator.Evaluate(1, set);
            Assert.All(measured.Index(), domain => Assert.Equal(networks.Average(network => network[domain.Index])!.Value, domain.Item.Mean, 1e-9));
        }
    }
}
