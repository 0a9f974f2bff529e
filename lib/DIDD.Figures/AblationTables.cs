namespace DIDD.Figures;

/// <summary>Tables and figures of ablations.</summary>
public static class AblationTables
{
    internal static readonly string[] Quarters = ["1–5", "6–10", "11–15", "16–20"];

    /// <summary>
    /// The paper's ablation by quarters of the 20 domains: its numbers, at IPC 10, and those recorded at any IPC, rules as they are in their profile. Numbers of
    /// different IPC stand beside each other, not against each other.
    /// </summary>
    /// <param name="rows">What was measured; other data sets, numbers of domains and settings are passed over.</param>
    public static Table Segments(IReadOnlyList<ReportRow> rows)
    {
        var (dataset, ipc) = PublishedResults.AblationSetting;
        var measured = rows.Where(row => row.Spec.Dataset == dataset && row.ComparesWithThePaper && row.Changes.Count == 0).ToList();
        var lines = new List<(string Rule, ReportRow? Row)>();
        foreach (var rule in PublishedResults.Ablation.Keys)
            lines.AddRange([(rule, null), .. measured.Where(row => row.Spec.Rule == rule).OrderBy(row => row.Spec.Ipc).Select(row => (rule, (ReportRow?)row))]);
        var columns = new List<(string, System.Collections.IList)>
        {
            ("rule", lines.Select(line => RunFigures.RuleName(line.Rule)).ToArray()),
            ("from", lines.Select(line => line.Row is null ? "paper" : $"recorded, {line.Row.Spec.Profile}").ToArray()),
            ("IPC", lines.Select(line => line.Row?.Spec.Ipc ?? ipc).ToArray()),
            ("seeds", lines.Select(line => line.Row?.Runs.Count ?? 3).ToArray()),
        };
        foreach (var (i, quarter) in Quarters.Index())
        {
            columns.Add(($"domains {quarter} %", lines.Select(line => (double?)(line.Row?.Segments[i].Mean ?? PublishedResults.Ablation[line.Rule][i])).ToArray()));
            columns.Add(($"± {quarter}", lines.Select(line => line.Row?.Segments[i].HalfWidth).ToArray()));
        }
        var recorded = lines.Where(line => line.Row is not null).GroupBy(line => line.Row!.Spec.Ipc).OrderBy(group => group.Key)
            .Select(group => $"{group.Select(line => line.Rule).Distinct().Count()} of {PublishedResults.Ablation.Count} rules at IPC {group.Key}");
        return Table.Of([.. columns]).WithDecimals(1)
            .WithCaption($"{dataset}, 20 domains, accuracy after the last one. The paper: IPC {ipc}, its own size, means of three runs. Recorded: {(measured.Count == 0 ? "none" : $"{string.Join(", ", recorded)}; size {RunFigures.Sizes(measured.Select(row => row.Spec.Profile))}")}.");
    }

    /// <summary>A row per ablation: A_T and F_T, and how far they are from those of the first row of its rule, paired by seed.</summary>
    /// <param name="rows">Rows, the first of every rule as it is.</param>
    /// <param name="toFirst">Whether all rules are held against the first row of all.</param>
    public static Table Of(IReadOnlyList<AblationRow> rows, bool toFirst = false)
    {
        Check.NotEmpty(rows, "row", "give those of AblationRow.Of");
        IReadOnlyList<MeanInterval?> Differences(Func<Run, double?> measure) =>
            [.. rows.Select(row => rows.First(first => toFirst || first.Spec.Rule == row.Spec.Rule) is var first && first == row ? null : row.Difference(first, measure))];
        var (differences, forgetting) = (Differences(run => run.Accuracy.Average), Differences(run => run.Accuracy.Forgetting));
        return Table.Of(
            ("changed", rows.Select(row => row.Ablation.Name).ToArray()),
            ("rule", rows.Select(row => RunFigures.RuleName(row.Spec.Rule)).ToArray()),
            ("seeds", rows.Select(row => row.Measured?.Runs.Count ?? 0).ToArray()),
            ("A_T %", rows.Select(row => row.Measured?.Average.Mean).ToArray()),
            ("± A_T", rows.Select(row => row.Measured?.Average.HalfWidth).ToArray()),
            ("F_T", rows.Select(row => row.Measured?.Forgetting?.Mean).ToArray()),
            ("± F_T", rows.Select(row => row.Measured?.Forgetting?.HalfWidth).ToArray()),
            ("A_T − first", differences.Select(difference => difference?.Mean).ToArray()),
            ("± A_T − first", differences.Select(difference => difference?.HalfWidth).ToArray()),
            ("F_T − first", forgetting.Select(difference => difference?.Mean).ToArray()),
            ("± F_T − first", forgetting.Select(difference => difference?.HalfWidth).ToArray()),
            ("mean ᾱ", rows.Select(row => row.Rates?.Alpha).ToArray()),
            ("mean β̄", rows.Select(row => row.Rates?.Beta).ToArray()))
            .WithDecimals(1).WithDecimals(2, "mean ᾱ", "mean β̄")
            .WithCaption($"{Missing(rows)} Means over seeds; ± is half the 95 % interval by Student's t, and needs two seeds; differences are to the first row{(toFirst ? "" : " of the rule")}, paired by seed, over the seeds that both rows have; mean ᾱ and β̄ are over all tiles at the end of the last domain. {Source(rows)}");
    }

    /// <summary>Which changes move A_T and F_T: the differences to the first row of each group, paired by seed, and whether their 95 % intervals are apart from zero.</summary>
    /// <param name="groups">Groups of rows, the first of each as it is.</param>
    public static Table Verdicts(params IReadOnlyList<AblationRow>[] groups)
    {
        var rows = groups.SelectMany(group => group.Skip(1).Select(row => (Row: row, Average: row.Difference(group[0]), Forgetting: row.Difference(group[0], run => run.Accuracy.Forgetting)))).ToList();
        return Table.Of(
            ("changed", rows.Select(row => row.Row.Ablation.Name).ToArray()),
            ("rule", rows.Select(row => RunFigures.RuleName(row.Row.Spec.Rule)).ToArray()),
            ("seeds", rows.Select(row => row.Average?.Count ?? 0).ToArray()),
            ("A_T − as it is", rows.Select(row => row.Average?.ToString() ?? "–").ToArray()),
            ("A_T", rows.Select(row => Sign(row.Average)).ToArray()),
            ("F_T − as it is", rows.Select(row => row.Forgetting?.ToString() ?? "–").ToArray()),
            ("F_T", rows.Select(row => Sign(row.Forgetting)).ToArray()));

        static string Sign(MeanInterval? difference) => difference switch
        {
            null => "not measured",
            { HalfWidth: null } => "one seed",
            var (mean, half, _) => mean - half > 0 ? "higher" : mean + half < 0 ? "lower" : "not told apart",
        };
    }

    /// <summary>A_T of every ablation that was measured, at least one, as bars with intervals.</summary>
    public static Figure Bars(string title, IReadOnlyList<AblationRow> rows)
    {
        var measured = rows.Where(row => row.Measured is not null).ToList();
        Check.NotEmpty(measured, "measured row", "record the runs");
        var intervals = measured.Select(row => row.Measured!.Average).ToList();
        var errors = intervals.Any(interval => interval.HalfWidth is not null) ? intervals.Select(interval => interval.HalfWidth ?? double.NaN).ToArray() : null;
        return Plot.Bars(
            title, [.. measured.Select(row => Name(row, measured))],
            [new BarGroup("A_T", [.. intervals.Select(interval => interval.Mean)], errors, [.. measured.Select(row => Theme.Rule(row.Spec.Rule))])], new Axis("A_T", "%", (0, 100)),
            caption: $"{string.Join("; ", measured.Zip(intervals, (row, interval) => $"{Name(row, measured)}: {interval} %"))}. {Missing(rows)} {Source(rows)}");
    }

    // What is changed; where two rows share that, the rule before it.
    private static string Name(AblationRow row, IReadOnlyList<AblationRow> rows) =>
        rows.DistinctBy(each => each.Ablation.Name).Count() == rows.Count ? row.Ablation.Name
        : RunFigures.RuleName(row.Spec.Rule) + (row.Ablation.Name == "as it is" ? "" : $", {row.Ablation.Name}");

    private static string Missing(IReadOnlyList<AblationRow> rows)
    {
        var missing = rows.Select(row => (Name: Name(row, rows), Count: row.Runs.Count(run => run.Run is null))).Where(row => row.Count > 0).ToList();
        return missing.Count == 0 ? "All of it was measured."
            : $"Not recorded yet: {string.Join(", ", missing.Select(row => $"{row.Name} ({row.Count} {(row.Count == 1 ? "seed" : "seeds")})"))}; `didd sweep` with the grids of data/specs and `--out data/runs` computes them.";
    }

    private static string Source(IReadOnlyList<AblationRow> rows)
    {
        var runs = rows.SelectMany(row => row.Measured?.Runs ?? []).ToList();
        return runs.Count == 0 ? "" : RunFigures.Source(runs);
    }
}
