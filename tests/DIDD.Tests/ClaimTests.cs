using System.Text.RegularExpressions;
using DIDD.Data;
using DIDD.Evaluation;
using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests;

public sealed class ClaimTests : IDisposable
{
    private static readonly ClaimRuns Asymmetric = new("r-mnist", 1, "asymmetric"), Finetune = new("r-mnist", 1, "finetune");

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-claims-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2.0, 1.0, 0.0, null, Verdict.Reproduced)]
    [InlineData(2.0, 2.5, 0.0, null, Verdict.Undecided)]
    [InlineData(-2.0, 1.0, 0.0, null, Verdict.NotReproduced)]
    [InlineData(-2.0, 1.0, null, 0.0, Verdict.Reproduced)]
    [InlineData(2.0, 1.0, null, 0.0, Verdict.NotReproduced)]
    [InlineData(2.0, 1.0, 0.5, 3.5, Verdict.Reproduced)]
    [InlineData(2.0, 1.0, 0.5, 2.5, Verdict.Undecided)]
    [InlineData(9.0, 1.0, 0.5, 2.5, Verdict.NotReproduced)]
    [InlineData(2.0, null, 0.0, null, Verdict.Undecided)]
    public void Comparison_FallsOnlyWithItsWholeInterval(double mean, double? half, double? above, double? below, Verdict expected) => Assert.Equal(
        expected,
        new ComparisonResult(new ClaimComparison(ClaimMeasure.AverageAccuracy, Asymmetric, Above: above, Below: below), "laptop", new MeanInterval(mean, half, half is null ? 1 : 3), []).Verdict);

    [Theory]
    [InlineData(1.0, Verdict.Reproduced)]
    [InlineData(0.9, Verdict.NotReproduced)]
    [InlineData(null, Verdict.Undecided)]
    public void WhatIsNotToldApart_IsHeldByTheInterval(double? half, Verdict expected) => Assert.Equal(
        expected, new ComparisonResult(new ClaimComparison(ClaimMeasure.AverageAccuracy, Asymmetric, Finetune, Holds: 0), "laptop", new MeanInterval(-1, half, half is null ? 1 : 3), []).Verdict);

    // Student's t with 4 degrees of freedom: 2.776 for 95 %, 4.604 for 99 %, which is what each of five needs.
    [Fact]
    public void OneOfSeveral_IsMissedWhereAllTogetherAreAt95Percent()
    {
        var effect = new MeanInterval(-2.0, 1.5, 5);
        Assert.Equal((1.5, 1.5 * 4.604 / 2.776), (effect.HalfWidthAmong(1)!.Value, Math.Round(effect.HalfWidthAmong(5)!.Value, 3)), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 0.002);
        ComparisonResult missed = new(new ClaimComparison(ClaimMeasure.AverageAccuracy, Asymmetric, Above: 0), "laptop", effect, []), open = missed with { Effect = effect with { Mean = 0 } };
        Verdict Of(params ComparisonResult[] comparisons) => new ClaimResult(new PaperClaim("c", "", "", []), comparisons).Verdict;
        Assert.Equal((Verdict.NotReproduced, Verdict.Undecided), (Of(missed), Of(missed, open, open, open, open)));
    }

    [Fact]
    public void Verdict_FollowsTheRuns()
    {
        var recorded = RunStore.Recorded();
        Verdict Of(params ClaimComparison[] comparisons) => Assert.Single(ClaimResult.Of([new PaperClaim("c", "", "", comparisons)], recorded)).Verdict;
        ClaimComparison Gain(ClaimRuns of, ClaimRuns against, double above) => new(ClaimMeasure.AverageAccuracy, of, against, Above: above);
        // Holds, turned round, at a margin within the interval, and without runs.
        var (holds, turned, open, missing) = (Gain(Asymmetric, Finetune, 0), Gain(Finetune, Asymmetric, 0), Gain(Asymmetric, Finetune, Mean()), Gain(Asymmetric with { Ipc = 7 }, Finetune, 0));
        Assert.Equal(
            [Verdict.Reproduced, Verdict.NotReproduced, Verdict.Undecided, Verdict.NotTested, Verdict.Undecided, Verdict.NotReproduced, Verdict.Undecided],
            [Of(holds), Of(turned), Of(open), Of(missing), Of(holds, missing), Of(holds, turned, missing), Of(holds, open)]);
    }

    [Fact]
    public void Effect_IsThePairedDifferenceOverTheSeedsOfBoth()
    {
        var result = Assert.Single(ClaimResult.Of(
            [new PaperClaim("c", "", "", [new ClaimComparison(ClaimMeasure.Forgetting, Asymmetric, Finetune, Below: 0)])],
            RunStore.Recorded().Where(run => run.Spec.Rule != "finetune" || run.Spec.Seed != 1)));
        var comparison = Assert.Single(result.Comparisons);
        var expected = MeanInterval.Of([.. new long[] { 0, 2 }.Select(seed => Of(Asymmetric, seed).Accuracy.Forgetting!.Value - Of(Finetune, seed).Accuracy.Forgetting!.Value)]);
        Assert.Equal(("laptop", expected), (comparison.Profile, comparison.Effect));
        Assert.Equal(4, comparison.Runs.Count);
    }

    [Fact]
    public void Seconds_AreComparedWithinOnePlaceAndVersion()
    {
        var (asymmetric, finetune) = (new ClaimRuns("pacs", 10, "asymmetric"), new ClaimRuns("pacs", 10, "finetune"));
        var claim = new PaperClaim("c", "", "", [new ClaimComparison(ClaimMeasure.Seconds, asymmetric, finetune, Ratio: true, Above: 0)]);
        var runs = RunStore.Recorded().Where(run => run.Spec is { Dataset: "pacs", Ipc: 10, Rule: "asymmetric" or "finetune" }).ToList();
        Assert.NotEqual(1, runs.DistinctBy(run => run.Environment()!.Commit).Count());
        var comparison = Assert.Single(Assert.Single(ClaimResult.Of([claim], runs)).Comparisons);
        Assert.Single(comparison.Runs.Select(run => (run.Environment()!.Commit, run.Environment()!.Processor)).Distinct());
        Assert.Contains($" {comparison.Effect!.Mean / 100:0.00}", ClaimTables.Line(comparison), StringComparison.Ordinal);
        Assert.Contains("times (needs > 0)", ClaimTables.Line(comparison), StringComparison.Ordinal);
    }

    // Its sets were distilled on a GPU, and evaluated on a CPU.
    [Fact]
    public void SecondsOfDistilling_AreThoseOfThePlaceThatDistilled()
    {
        var runs = RunStore.Recorded().Where(run => run.Environment()!.Shards is { Count: 1 } && run.Spec is { Dataset: "pacs", Ipc: 20, Profile: "paper" }).ToList();
        Assert.NotEmpty(runs);
        Assert.All(runs, run =>
        {
            var cost = Assert.Single(RunCost.Of(ReportRow.Of([run])));
            Assert.NotEqual(run.Environment()!.Device, run.Environment()!.Shards![0].Device);
            Assert.Contains($", {run.Environment()!.Shards![0].Device}, ", cost.Place, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Runs_CountWhateverTheNumberOfEvaluationNetworks()
    {
        var (asymmetric, finetune) = (new ClaimRuns("pacs", 1, "asymmetric"), new ClaimRuns("pacs", 1, "finetune"));
        var runs = RunStore.Recorded().Where(run => run.Spec is { Dataset: "pacs", Ipc: 1, Profile: "paper" }).ToList();
        Assert.All(runs, run => Assert.NotEqual(asymmetric.Spec("paper").Evaluation.Networks, run.Spec.Evaluation.Networks));
        var comparison = Assert.Single(Assert.Single(ClaimResult.Of([new PaperClaim("c", "", "", [new ClaimComparison(ClaimMeasure.AverageAccuracy, asymmetric, finetune, Above: 0)])], runs)).Comparisons);
        double Measured(ClaimRuns of) => runs.Single(run => run.Spec == of.Spec("paper") with { Evaluation = run.Spec.Evaluation }).Accuracy.Average;
        Assert.Equal(("paper", Measured(asymmetric) - Measured(finetune)), (comparison.Profile, comparison.Effect!.Mean));
        Assert.All(ReportRow.Of(runs), row => Assert.Equal(row.Changes.Count == 1, row.IsOfProfile));
    }

    [Fact]
    public void EveryClaimOfTheFile_NamesRunsThatASpecCanHave()
    {
        var claims = PaperClaim.Read(Path.Combine(TestFolder.Repository, "data", "claims.json"));
        Assert.Equal(claims.Count, claims.Select(claim => claim.Id).Distinct().Count());
        foreach (var runs in claims.SelectMany(claim => claim.Comparisons).SelectMany(comparison => new[] { comparison.Of, comparison.Against }).OfType<ClaimRuns>())
            runs.Spec("laptop").Validate();
    }

    // README shows them: no sentence is left standing that the recorded runs do not bear out, over several seeds.
    [Fact]
    public void EveryFinding_Holds()
    {
        var findings = ClaimResult.Of(PaperClaim.Read(Path.Combine(TestFolder.Repository, "data", "findings.json")), RunStore.Recorded());
        Assert.All(findings, finding => Assert.All(finding.Comparisons, comparison => Assert.True(comparison.Verdict == Verdict.Reproduced, $"{finding.Claim.Id}: {ClaimTables.Line(comparison)}")));
        Assert.All(findings, finding => Assert.DoesNotMatch("[{}–]", ClaimTables.Sentence(finding)));
    }

    [Fact]
    public void Sentence_HasWhatWasMeasured()
    {
        var (gain, missing) = (new ClaimComparison(ClaimMeasure.AverageAccuracy, Asymmetric, Finetune, Above: 0), new ClaimComparison(ClaimMeasure.AverageAccuracy, Asymmetric with { Ipc = 7 }, Above: 0));
        string Of(string says) => ClaimTables.Sentence(Assert.Single(ClaimResult.Of([new PaperClaim("c", says, "", [gain, missing])], RunStore.Recorded())));
        Assert.Equal("+1.0 over 3 seeds, –", Regex.Replace(Of("{0} over {0:seeds}, {1}"), @"[\d.]+ ± [\d.]+", "1.0"));
        Assert.All(["{2}", "{0:foo}", "{-1}", "{"], place => Assert.Contains($"{place} is no comparison", Assert.Throws<DataSetException>(() => Of(place)).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[", "no claims")]
    [InlineData("[null]", "null: a claim needs")]
    [InlineData("""[{"id":"c","says":"","where":"","comparisons":[null]}]""", "needs comparisons")]
    [InlineData("""[{"id":"c","says":"","where":"","comparisons":[{"measure":"averageAccuracy","of":"r-mnist/ipc99999999999/finetune","above":0}]}]""", "r-mnist/ipc10/")]
    [InlineData("""[{"id":"c","says":"","where":"","comparisons":[]}]""", "needs comparisons")]
    [InlineData("""[{"id":"c","says":"","where":"","comparisons":[{"measure":"averageAccuracy","of":"r-mnist/ipc1/finetune"}]}]""", "above, below")]
    [InlineData("""[{"id":"c","says":"","where":"","comparisons":[{"measure":"averageAccuracy","of":"finetune","above":0}]}]""", "r-mnist/ipc10/")]
    public void FileThatDecidesNothing_IsRefused(string json, string part)
    {
        var path = Path.Combine(_folder, "claims.json");
        File.WriteAllText(path, json);
        Assert.Contains(part, Assert.Throws<DataSetException>(() => PaperClaim.Read(path)).Message, StringComparison.Ordinal);
    }

    private static Run Of(ClaimRuns runs, long seed) => RunStore.Find(runs.Spec("laptop") with { Seed = seed })!;

    private static double Mean() => MeanInterval.Of([.. new long[] { 0, 1, 2 }.Select(seed => Of(Asymmetric, seed).Accuracy.Average - Of(Finetune, seed).Accuracy.Average)]).Mean;
}
