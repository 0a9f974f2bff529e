using DIDD.Benchmarking;
using DIDD.Distillation;

namespace DIDD.Figures;

/// <summary>Tables and figures of what runs cost.</summary>
public static class CostTables
{
    /// <summary>Seconds of recorded runs, a row per rule and setting; ablations are counted, not shown.</summary>
    public static Table Recorded(IReadOnlyList<RunCost> all, params string[] rules)
    {
        var costs = all.Where(cost => rules.Contains(cost.Row.Spec.Rule) && !ResultTables.IsAblation(cost.Row)).ToList();
        return Table.Of(
            ("data set", costs.Select(cost => cost.Row.Spec.Dataset).ToArray()),
            ("profile", costs.Select(cost => cost.Row.Spec.Profile).ToArray()),
            ("IPC", costs.Select(cost => cost.Row.Spec.Ipc).ToArray()),
            ("T", costs.Select(cost => cost.Row.Spec.Domains).ToArray()),
            ("rule", costs.Select(cost => RunFigures.RuleName(cost.Row.Spec.Rule)).ToArray()),
            ("changed", costs.Select(cost => string.Join(", ", cost.Row.Changes.Select(Short))).ToArray()),
            ("seeds", costs.Select(cost => cost.Row.Runs.Count).ToArray()),
            ("seconds", costs.Select(cost => cost.Whole.Mean).ToArray()),
            ("±", costs.Select(cost => cost.Whole.HalfWidth).ToArray()),
            ("distilling", costs.Select(cost => cost.Distilling.Mean).ToArray()),
            ("evaluating", costs.Select(cost => cost.Rest).ToArray()),
            ("distilling ÷ Finetune", costs.Select(cost => cost.ToFinetune(costs)).ToArray()))
            .WithLinks("seeds", [.. costs.Select(cost => ResultTables.Seeds(cost.Row))])
            .WithDecimals(0).WithDecimals(2, "distilling ÷ Finetune")
            .WithCaption($"Wall-clock seconds of a run, mean over the seeds ± half the 95 % interval. Computed at: {string.Join(" | ", costs.Select(cost => cost.Place).Distinct())}. Other work ran beside these runs. A ratio to Finetune stands where both were computed with one version of the library; the first domain, in which all rules follow g_P alone, is in it. Seeds that other versions computed, and {all.Count - costs.Count} rows of ablations and other rules, are left out.");
    }

    /// <summary>One iteration, a row per setting and kind of iteration.</summary>
    public static Table Iterations(params BenchReport[] reports)
    {
        var rows = reports.SelectMany(report => report.Variants.Where(variant => !variant.Literal).Select(variant => (Report: report, Variant: variant))).ToList();
        var first = reports[0];
        return Table.Of(
            ("IPC", rows.Select(row => row.Report.Spec.Ipc).ToArray()),
            ("iteration", rows.Select(row => row.Variant.Name).ToArray()),
            ("ms", rows.Select(row => row.Variant.Milliseconds).ToArray()),
            ("÷ Finetune", rows.Select(row => row.Variant.ToFinetune).ToArray()),
            ("image passes", rows.Select(row => row.Variant.ImagePasses).ToArray()),
            ("GFLOP", rows.Select(row => row.Variant.GigaFlop).ToArray()),
            ("GFLOP/s", rows.Select(row => row.Variant.GigaFlopsPerSecond).ToArray()),
            ("TFLOP a run", rows.Select(row => Run(row.Report, Finetune(row.Report).GigaFlop, row.Variant.GigaFlop) / 1000).ToArray()),
            ("peak MiB", rows.Select(row => row.Variant.PeakMegabytes).ToArray()),
            ("set KiB", rows.Select(row => SetKibibytes(row.Report)).ToArray()))
            .WithDecimals(1).WithDecimals(2, "÷ Finetune", "GFLOP").WithDecimals(0, "peak MiB")
            .WithCaption($"{first.Spec.Dataset}, profile {first.Spec.Profile}: width {first.Spec.Distillation.Network.Width}, {first.Spec.Distillation.RealImages} real images a class; median of {first.Iterations} iterations. "
                + $"{first.Environment.Processor}, {first.Environment.Device}, {first.Environment.Threads} threads, {first.Environment.Date}.");
    }

    /// <summary>Seconds of the parts of a run against the number of domains T, added up from one measured iteration and evaluation.</summary>
    public static Figure Domains(BenchReport report)
    {
        var spec = report.Spec;
        double[] domains = [2, 5, 10, 20, 40];
        var (first, iteration, evaluation) = (Finetune(report).Milliseconds / 1000, report.Variant(spec.Rule, spec.Meta.Draw).Milliseconds / 1000, report.Evaluation);
        var training = spec.Evaluation.Networks * spec.Evaluation.Epochs * evaluation.SecondsPerEpoch;
        var test = (evaluation.SecondsPerSet - training) / spec.Domains;
        double Pairs(double t) => t * (t + 1) / 2;
        Series Of(string name, Func<double, double> seconds) => new(name, domains, [.. domains.Select(seconds)]);
        var series = new[]
        {
            Of("distillation", t => Run(report, first, iteration, t)),
            Of("evaluation, clean protocol", t => t * training + t * t * test),
            Of("evaluation, official protocol", t => Pairs(t) * (training + 3 * test)),
        };
        string At20(Series one) => string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Y[3]:0} s");
        return Plot.Lines(
            "Cost against the number of domains", series, new Axis("domains T", Logarithmic: true), new Axis("seconds a run", Logarithmic: true), markers: true,
            caption: $"Added up from one measured iteration of {spec.Rule}, one of finetune for the first domain, and one measured evaluation, not run. At T = 20: {string.Join(", ", series.Select(At20))}. "
                + $"Profile {spec.Profile}, IPC {spec.Ipc}{(spec.Profile == "paper" ? "" : ", smaller than the paper's")}.");
    }

    /// <summary>The time of the asymmetric update over Finetune's: the paper's, recorded ones, and measured iterations of the rule asymmetric.</summary>
    public static Figure Ratios(IReadOnlyList<RunCost> costs, params BenchReport[] reports)
    {
        var bars = new List<(string Name, double Ratio)> { ("paper, PACS, IPC 10", PublishedResults.Seconds.Asymmetric / PublishedResults.Seconds.Finetune) };
        bars.AddRange(costs.Where(cost => cost.Row.Spec.Rule == "asymmetric" && !ResultTables.IsAblation(cost.Row) && cost.ToFinetune(costs) is not null)
            .Select(cost => ($"recorded, {cost.Row.Spec.Dataset}, {cost.Row.Spec.Profile}, IPC {cost.Row.Spec.Ipc}", cost.ToFinetune(costs)!.Value)));
        foreach (var report in reports)
        {
            bars.Add(($"now, new draw, IPC {report.Spec.Ipc}", report.Variant("asymmetric", MetaDraw.New).ToFinetune));
            bars.Add(($"now, shared draw, IPC {report.Spec.Ipc}", report.Variant("asymmetric", MetaDraw.Shared).ToFinetune));
        }
        return Plot.Bars(
            "Time of the asymmetric update ÷ Finetune", [.. bars.Select(bar => bar.Name)], [new BarGroup("ratio", [.. bars.Select(bar => bar.Ratio)], Colours: [.. bars.Select(_ => Theme.Rule("asymmetric"))])], new Axis("÷ Finetune"), decimals: 2,
            caption: string.Create(CultureInfo.InvariantCulture,
                $"The paper: {PublishedResults.Seconds.Asymmetric:0} s against {PublishedResults.Seconds.Finetune:0} s on its machine. Ours: distillation alone, {string.Join(", ", bars.Skip(1).Select(bar => $"{bar.Name}: {bar.Ratio:0.00}"))}. The settings differ; the ratios are of the same kind, not of the same case."));
    }

    /// <summary>A_T against the seconds of the distillation of runs that differ in their iterations.</summary>
    /// <param name="runs">Runs, in ascending order of iterations.</param>
    public static Figure Quality(params Run[] runs)
    {
        var seconds = runs.Select(RunCost.Seconds).ToArray();
        var points = runs.Zip(seconds, (run, s) => string.Create(CultureInfo.InvariantCulture, $"{run.Spec.Distillation.Iterations} iterations {s:0.0} s, A_T {run.Accuracy.Average:0.0} %"));
        return Plot.Lines(
            $"{RunFigures.RuleName(runs[0])}: iterations against accuracy", [new Series("A_T", [.. runs.Select(run => (double)run.Spec.Distillation.Iterations)], [.. runs.Select(run => run.Accuracy.Average)], Hover: [.. points], Colour: Theme.Rule(runs[0].Spec.Rule))],
            new Axis("iterations a domain", Logarithmic: true), new Axis("A_T", "%", (0, 100)), markers: true,
            caption: string.Create(CultureInfo.InvariantCulture, $"{string.Join("; ", points)}. One seed: differences of a few points are noise. The paper gives {PublishedResults.Seconds.Asymmetric:0} s with 3,000 and {PublishedResults.Seconds.Asymmetric1000:0} s with 1,000 iterations (PACS, IPC 10). {RunFigures.Source(runs[^1])}"));
    }

    // Of all domains: in the first there is no previous set, and an iteration is one of Finetune.
    private static double Run(BenchReport report, double first, double later, double? domains = null) =>
        report.Spec.Distillation.Iterations * (first + ((domains ?? report.Spec.Domains) - 1) * later);

    private static VariantReport Finetune(BenchReport report) => report.Variant("finetune", MetaDraw.New);

    // Lists, such as an order of the domains, by their key alone.
    internal static string Short(string change) => change.Contains(',', StringComparison.Ordinal) ? change.Split('=')[0] : change;

    // 32-bit pixels, as stored: [C·IPC,channels,H,W].
    private static double SetKibibytes(BenchReport report)
    {
        var shape = Streams.Shape(report.Spec);
        return (double)report.Classes * report.Spec.Ipc * shape.Channels * shape.Height * shape.Width * sizeof(float) / 1024;
    }
}
