using System.Text.Json.Nodes;
using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests.Figures;

public sealed class RunFiguresTests(RunFiguresTests.TinyRuns runs) : IClassFixture<RunFiguresTests.TinyRuns>
{
    [Fact]
    public void AccuracyFigure_ShowsTheMatrixAndSaysWhatItSays()
    {
        var run = runs.Asymmetric;
        var figure = RunFigures.Accuracy(run);
        var shown = Trace(figure)["z"]!.AsArray().Select(row => row!.AsArray().Select(value => (double?)value).ToArray()).ToArray();
        Assert.Equal(run.Accuracy.Rows.Select(row => row.ToArray()), shown);
        Assert.Contains($"A_T = {run.Accuracy.Average:0.0} %, F_T = {run.Accuracy.Forgetting:0.0} %", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("smaller than the paper's", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void CosineFigure_ShowsTheLogsMeans()
    {
        var records = runs.Stable.Log().Where(record => record.Domain == 1).ToList();
        var line = JsonNode.Parse(RunFigures.Cosines(runs.Stable).Json)!["data"]!.AsArray().Single(trace => (string?)trace!["name"] == "domain 2")!;
        var shown = line["y"]!.AsArray().Select(value => (double)value!);
        Assert.All(records.Zip(shown), pair => Assert.Equal(pair.First.Cosines!.Average(), pair.Second, 1e-4));
    }

    [Fact]
    public void CosinesOfManyDomains_AreTheirMeanAndRange_AndLeadToTheRecordedRun()
    {
        var run = RunStore.Recorded().First(run => run.Spec is { Rule: "stable", Dataset: "r-mnist", Ipc: 1, Seed: 0 });
        var figure = RunFigures.Cosines(run);
        var traces = JsonNode.Parse(figure.Json)!["data"]!.AsArray();
        Assert.Equal([null, "mean of 19 domains", "domain 2", "domain 20"], traces.Select(trace => (string?)trace!["name"]));
        var first = run.Log().Where(record => record is { Iteration: 0, Cosines: not null }).Average(record => record.Cosines!.Average());
        Assert.Equal(first, (double)traces[1]!["y"]![0]!, 1e-4);
        Assert.EndsWith($"/data/runs/{run.Spec.Name}).", figure.Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("data/runs", RunFigures.Cosines(runs.Stable).Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralSeeds_AreLinkedOneByOne_WithAllTheirVersions()
    {
        var seeds = ReportRow.Recorded().First(row => row.Spec is { Rule: "asymmetric", Dataset: "r-mnist", Ipc: 1 } && row.Changes.Count == 0).Runs;
        var caption = RunFigures.Source([.. seeds]);
        Assert.True(seeds.Count > 1);
        Assert.Contains($"; seeds {string.Join(", ", seeds.Select(run => run.Spec.Seed))}; cpu; ", caption, StringComparison.Ordinal);
        Assert.All(seeds, run => Assert.Contains($"[{run.Spec.Seed}](", caption, StringComparison.Ordinal));
        Assert.All(seeds, run => Assert.Contains(run.Environment()!.Commit.Split('+')[1][..7], caption, StringComparison.Ordinal));
    }

    [Fact]
    public void Conflict_IsMeasuredOverAllClassesAndIterations()
    {
        var cosines = runs.Stable.Log().SelectMany(record => record.Cosines ?? []).ToList();
        var conflict = GradientConflict.Of(runs.Stable);
        Assert.Equal(10 * 3, conflict.Count);
        Assert.Equal((cosines.Average(), cosines.Count(cosine => cosine < 0) / 30.0), (conflict.Mean, conflict.Negative));
        Assert.InRange(conflict.Mean, conflict.Low, conflict.High);
    }

    [Fact]
    public void RunsWithoutWhatAFigureNeeds_AreRefusedWithTheRemedy()
    {
        Assert.Contains("L_stable", Assert.Throws<ArgumentException>(() => RunFigures.Cosines(runs.Finetune)).Message, StringComparison.Ordinal);
        Assert.Contains("L_stable", Assert.Throws<ArgumentException>(() => GradientConflict.Of(runs.Finetune)).Message, StringComparison.Ordinal);
        Assert.Contains("asymmetric", Assert.Throws<ArgumentException>(() => RunFigures.Rates(runs.Stable)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_HasARowPerRun()
    {
        var frame = RunTables.Summary(runs.Finetune, runs.Stable, runs.Asymmetric).Frame;
        Assert.Equal(["Finetune", "+L_stable", "Asymmetric"], frame["rule"].Cast<string>());
        Assert.Equal([runs.Finetune.Accuracy.Average, runs.Stable.Accuracy.Average, runs.Asymmetric.Accuracy.Average], frame["A_T %"].Cast<double?>().Select(value => value!.Value));
    }

    [Fact]
    public void EveryFigure_IsDrawnFromARun()
    {
        using var stream = Streams.Open(runs.Asymmetric.Spec);
        Assert.All(
            [
                RunFigures.Domains(stream), RunFigures.Sets(runs.Asymmetric), RunFigures.Averages(runs.Finetune, runs.Stable), RunFigures.Retained(runs.Finetune, runs.Stable),
                RunFigures.CosineDistribution(runs.Stable, runs.Asymmetric), RunFigures.CosinesByClass(runs.Asymmetric), RunFigures.Rates(runs.Asymmetric),
            ],
            figure => Assert.True(Trace(figure) is not null && figure.Caption.Length > 0, figure.Title));
    }

    private static JsonNode Trace(Figure figure) => JsonNode.Parse(figure.Json)!["data"]![0]!;

    public sealed class TinyRuns : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("didd-figures-").FullName;

        public TinyRuns() => (Finetune, Stable, Asymmetric) = (Execute("finetune"), Execute("stable"), Execute("asymmetric"));

        public Run Finetune { get; }

        public Run Stable { get; }

        public Run Asymmetric { get; }

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private Run Execute(string rule) => new Runner(
            Profiles.Spec("smoke", rule: rule).With("domains", "2").With("distillation.iterations", "3").With("distillation.network.width", "4")
                .With("evaluation.epochs", "2").With("evaluation.testImages", "100").With("evaluation.network.width", "4"),
            Path.Combine(_folder, rule)).Execute();
    }
}
