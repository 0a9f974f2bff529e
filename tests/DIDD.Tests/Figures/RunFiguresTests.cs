using System.Globalization;
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
    public void Captions_AreTheSameInEveryCulture()
    {
        using var stream = new NoiseStream(domains: 2, classes: 2, perClass: 1200, size: 8);
        string[] Captions() =>
        [
            RunFigures.Accuracy(runs.Asymmetric).Caption, RunFigures.Retained(runs.Asymmetric).Caption, RunFigures.Cosines(runs.Stable).Caption, RunFigures.CosinesByClass(runs.Stable).Caption,
            RunFigures.Rates(runs.Asymmetric).Caption, RunFigures.Domains(stream).Caption, RunFigures.AgainstThePaper("r-mnist", 1, ReportRow.Recorded()).Caption,
            (runs.Stable.Spec with { Seed = -1 }).Name,
        ];
        var (culture, expected) = (CultureInfo.CurrentCulture, Captions());
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NumberGroupSeparator, other.NumberFormat.NegativeSign) = (",", ".", "−");
        try
        {
            CultureInfo.CurrentCulture = other;
            Assert.Equal("1,5", $"{1.5}");
            Assert.Equal(expected, Captions());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void CosineFigure_ShowsTheLogsMeans()
    {
        var records = runs.Stable.Log().Where(record => record is { Domain: 1, Iteration: > 0 }).ToList();
        var line = JsonNode.Parse(RunFigures.Cosines(runs.Stable).Json)!["data"]!.AsArray().Single(trace => (string?)trace!["name"] == "domain 2")!;
        var shown = line["y"]!.AsArray().Select(value => (double)value!);
        Assert.Equal(records.Count, shown.Count());
        Assert.All(records.Zip(shown), pair => Assert.Equal(pair.First.Cosines!.Average(), pair.Second, 1e-4));
    }

    [Fact]
    public void CosinesOfManyDomains_AreTheirMeanAndRange()
    {
        var run = RunStore.Recorded().First(run => run.Spec is { Rule: "stable", Dataset: "r-mnist", Ipc: 1, Seed: 0 });
        var figure = RunFigures.Cosines(run);
        var traces = JsonNode.Parse(figure.Json)!["data"]!.AsArray();
        Assert.Equal([null, "mean of 19 domains", "domain 2", "domain 20"], traces.Select(trace => (string?)trace!["name"]));
        var (start, second) = (run.Log()[0].Iteration, run.Log()[1].Iteration);
        Assert.Equal(0, start);
        var first = run.Log().Where(record => record.Iteration == second && record.Cosines is not null).Average(record => record.Cosines!.Average());
        Assert.Equal(first, (double)traces[1]!["y"]![0]!, 1e-4);
    }

    [Fact]
    public void SeveralSeeds_AreLinkedOneByOne_WithAllTheirVersions()
    {
        var seeds = ReportRow.Recorded().First(row => row.Spec is { Rule: "asymmetric", Dataset: "r-mnist", Ipc: 1 } && row.Changes.Count == 0).Runs;
        var table = RunTables.Sources([.. seeds, runs.Stable]);
        Assert.True(seeds.Count > 1);
        Assert.Contains($"seeds {string.Join(", ", seeds.Select(run => run.Spec.Seed))}.", RunFigures.Source([.. seeds]), StringComparison.Ordinal);
        Assert.All(seeds, run => Assert.Contains($"/data/runs/{run.Spec.Name}\">{run.Spec.Seed}</a>", table.Html, StringComparison.Ordinal));
        Assert.All(seeds, run => Assert.Contains(run.Environment()!.Commit.Split('+')[1][..7], table.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(runs.Stable.Spec.Name, table.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralSeedsOfARule_AreOneLineWithABand()
    {
        var seeds = RunStore.Recorded(Profiles.Spec("laptop", rule: "finetune"));
        Assert.Equal([0, 1, 2], seeds.Select(run => run.Spec.Seed));
        var traces = JsonNode.Parse(RunFigures.Retained([.. seeds]).Json)!["data"]!.AsArray();
        Assert.Equal([null, "Finetune"], traces.Select(trace => (string?)trace!["name"]));
        Assert.Equal(seeds.Average(run => run.Accuracy.Rows[^1][0]!.Value), (double)traces[1]!["y"]![0]!, 1e-3);
    }

    [Fact]
    public void ColoursOfRules_AreToldApart_ByColourBlindReadersToo()
    {
        string[] together = ["finetune", "stable", "linear", "asymmetric", "consolidated", "reservoir"];
        foreach (var (first, second) in together.SelectMany((first, i) => together.Skip(i + 1).Select(second => (first, second))))
            foreach (var seen in (Func<double[], double[]>[])[colour => colour, Deuteranope])
                Assert.True(Apart(seen(Linear(Theme.Rule(first))), seen(Linear(Theme.Rule(second)))) > 12, $"{first} and {second}");
        Assert.All(Learners.Names, rule => Assert.All((double[])[Luminance("#ffffff"), Luminance("#0d1117")], page => Assert.InRange(Contrast(Luminance(Theme.Rule(rule)), page), 2, 21)));
    }

    private static double[] Linear(string colour) => [.. Enumerable.Range(0, 3).Select(i => Convert.ToByte(colour[(1 + 2 * i)..(3 + 2 * i)], 16) / 255.0).Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4))];

    // Machado, Oliveira and Fernandes 2009, severity 1.
    private static double[] Deuteranope(double[] c) =>
        [.. new[] { (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881) }.Select(row => Math.Clamp(row.Item1 * c[0] + row.Item2 * c[1] + row.Item3 * c[2], 0, 1))];

    // ΔE of 1976 in CIELAB.
    private static double Apart(double[] a, double[] b) => Math.Sqrt(Lab(a).Zip(Lab(b), (x, y) => (x - y) * (x - y)).Sum());

    private static double[] Lab(double[] c)
    {
        double F(double t) => t > 0.008856 ? Math.Cbrt(t) : 7.787 * t + 16.0 / 116;
        var (x, y, z) = (F((0.4124 * c[0] + 0.3576 * c[1] + 0.1805 * c[2]) / 0.9505), F(0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]), F((0.0193 * c[0] + 0.1192 * c[1] + 0.9505 * c[2]) / 1.089));
        return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
    }

    private static double Luminance(string colour) => Linear(colour) is var c ? 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] : 0;

    private static double Contrast(double a, double b) => (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);

    [Fact]
    public void Conflict_IsMeasuredOverAllClassesAndIterations_ButTheFirst_WhereTheSetIsItsPredecessor()
    {
        var cosines = runs.Stable.Log().Where(record => record.Iteration > 0).SelectMany(record => record.Cosines ?? []).ToList();
        var conflict = GradientConflict.Of(runs.Stable);
        Assert.Equal(10 * 2, conflict.Count);
        Assert.Equal(cosines.Average(), conflict.Mean, 1e-12);
        Assert.Equal(cosines.Count(cosine => cosine < 0) / 20.0, conflict.Negative);
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
                RunFigures.Domains(stream), RunFigures.Sets(runs.Asymmetric), RunFigures.Retained(runs.Finetune, runs.Stable),
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
