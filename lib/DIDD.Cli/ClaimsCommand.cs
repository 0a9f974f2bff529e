using System.CommandLine;
using DIDD.Data;
using DIDD.Experiments;

namespace DIDD.Cli;

/// <summary><c>didd claims</c>: a verdict on every claim of the paper, from recorded runs.</summary>
internal static class ClaimsCommand
{
    private const string Begin = "<!-- didd claims -->", End = "<!-- end of claims -->", VerdictsBegin = "<!-- verdicts -->", VerdictsEnd = "<!-- end of verdicts -->";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of runs.", DefaultValueFactory = _ => RunStore.RecordedFolder };
        var file = new Option<string>("--claims") { Description = "The claims.", DefaultValueFactory = _ => Path.Combine(Path.GetDirectoryName(RunStore.RecordedFolder)!, "claims.json") };
        var into = new Option<string?>("--into") { Description = $"Also puts the tables into this file, each between its lines where it has them: the main table between {MainTable.Begin} and {MainTable.End}, the verdicts between {VerdictsBegin} and {VerdictsEnd}, with what was measured between {Begin} and {End}, the rules to choose from between {ChoiceTable.Begin} and {ChoiceTable.End}." };
        var all = new Option<bool>("--all") { Description = "Shows every comparison with its effect, and the runs behind it." };
        var command = new Command("claims", "Holds the paper's main table and its claims against runs: reproduced, not reproduced, undecided or not tested.") { folder, file, into, all };
        command.SetAction(parsed =>
        {
            var runs = Run.All(parsed.GetRequiredValue(folder)).Where(run => run.Finished).ToList();
            if (runs.Count == 0)
                throw new DataSetException($"{parsed.GetValue(folder)}: no finished runs here; `didd run` makes them, `didd record` copies them");
            var results = ClaimResult.Of(PaperClaim.Read(parsed.GetRequiredValue(file)), runs);
            var main = MainTable.Of(runs);
            var table = MarkdownFile.Table(["claim of the paper", "verdict", "size of the runs", "what was measured, with 95 % intervals"], [0, 1, 2, 3], results.Select(Row));
            Console.Write($"{main}\n{table}");
            if (parsed.GetValue(all))
                foreach (var result in results)
                    Console.Write($"\n{result.Claim.Id} ({result.Claim.Where})\n{string.Concat(result.Comparisons.Select(Lines))}");
            if (parsed.GetValue(into) is { } path)
                MarkdownFile.WriteBetween(path, (MainTable.Begin, MainTable.End, main), (VerdictsBegin, VerdictsEnd, Verdicts(results)), (Begin, End, table), (ChoiceTable.Begin, ChoiceTable.End, ChoiceTable.Of(runs)));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Verdicts(IEnumerable<ClaimResult> results) =>
        MarkdownFile.Table(["claim of the paper", "verdict"], [0, 1], results.Select(result => new[] { result.Claim.Says, $"**{Words(result.Verdict)}**" }));

    private static string[] Row(ClaimResult result)
    {
        var tested = result.Comparisons.Where(comparison => comparison.Effect is not null).ToList();
        // What decides is shown: those that fall the other way, else those that leave it open.
        var deciding = tested.Where(comparison => comparison.Verdict == result.Verdict).ToList();
        var shown = (deciding.Count > 0 ? deciding : tested).Take(3).Select(Effect);
        var seeds = tested.Select(comparison => comparison.Effect!.Count).Distinct().Order().ToList();
        return
        [
            $"{result.Claim.Says} ({result.Claim.Where})", $"**{Words(result.Verdict)}**",
            tested.Count == 0 ? "–" : $"{string.Join(", ", tested.Select(comparison => comparison.Profile).Distinct())}, {Seeds(seeds)}",
            tested.Count == 0 ? "–" : $"{string.Join("; ", shown)}{(tested.Count > 1 ? $" ({tested.Count(comparison => comparison.Verdict == Verdict.Reproduced)} of {result.Comparisons.Count} comparisons hold)" : "")}",
        ];
    }

    private static string Lines(ComparisonResult result) =>
        $"  {Words(result.Verdict)}: {(result.Effect is null ? Name(result.Comparison) : $"{Effect(result)}; {result.Profile}, {Seeds([result.Effect.Count])}")}\n"
        + string.Concat(result.Runs.Select(run => $"    {run.Folder}\n"));

    private static string Seeds(IReadOnlyList<int> counts) => $"{string.Join(" or ", counts)} {(counts is [1] ? "seed" : "seeds")}";

    private static string Effect(ComparisonResult result)
    {
        var (measure, effect) = (result.Comparison.Measure, result.Effect!);
        var digits = measure is ClaimMeasure.Cosine or ClaimMeasure.LargestCosine or ClaimMeasure.MeanRate or ClaimMeasure.RateDifference or ClaimMeasure.MovementOfStayingTiles ? "0.00" : "0.0";
        var sign = result.Comparison.Against is not null && !result.Comparison.Ratio && effect.Mean > 0 ? "+" : "";
        var half = effect.HalfWidth is { } width ? $" ± {width.ToString(digits)}" : ", one seed";
        return $"{Name(result.Comparison)}: {sign}{effect.Mean.ToString(digits)}{(result.Comparison.Ratio ? " %" : "")}{half}";
    }

    private static string Name(ClaimComparison comparison)
    {
        var where = $"{comparison.Of.Dataset} IPC {comparison.Of.Ipc}";
        return comparison.Against is { } against
            ? $"{Symbol(comparison.Measure)} of {Rule(comparison.Of)} {(comparison.Ratio ? "÷" : "−")} {Rule(against)}, {where}"
            : $"{Symbol(comparison.Measure)} of {Rule(comparison.Of)}, {where}";
    }

    // A list of many numbers is named, not printed.
    private static string Rule(ClaimRuns runs) => runs.Settings is null ? runs.Rule
        : $"{runs.Rule} ({string.Join(", ", runs.Settings.Select(setting => $"{setting.Key.Split('.')[^1]}{(setting.Value.ToString() is { Length: < 20 } value ? $"={value}" : "")}"))})";

    private static string Symbol(ClaimMeasure measure) => measure switch
    {
        ClaimMeasure.AverageAccuracy => "A_T",
        ClaimMeasure.Forgetting => "F_T",
        ClaimMeasure.FirstQuarter => "first quarter",
        ClaimMeasure.SecondQuarter => "second quarter",
        ClaimMeasure.ThirdQuarter => "third quarter",
        ClaimMeasure.LastQuarter => "last quarter",
        ClaimMeasure.Cosine => "cos(g_S,g_P)",
        ClaimMeasure.LargestCosine => "largest cos(g_S,g_P) of a domain",
        ClaimMeasure.MeanRate => "mean rate",
        ClaimMeasure.MovementOfStayingTiles => "rank correlation of ᾱ−β̄ with movement",
        ClaimMeasure.RateDifference => "ᾱ−β̄, root mean square",
        ClaimMeasure.Seconds => "seconds",
        _ => throw new ArgumentOutOfRangeException(nameof(measure)),
    };

    private static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Reproduced => "reproduced",
        Verdict.NotReproduced => "not reproduced",
        Verdict.Undecided => "undecided",
        _ => "not tested",
    };
}
