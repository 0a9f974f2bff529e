namespace DIDD.Figures;

/// <summary>The paper's tables with what was measured beside them. A difference is given only where the number of domains is the paper's.</summary>
public static class ResultTables
{
    // What a row of the main table may differ in from its profile; runs of the profile smoke are of any size.
    private static readonly string[] Free = ["distillation.factor=", "evaluation.protocol=official", "evaluation.networks="];

    /// <summary>The data sets: whether they are here, and how many runs were measured on each.</summary>
    public static Table DataSets(IReadOnlyList<ReportRow> rows)
    {
        var sets = DataSetInfo.All;
        int Runs(DataSetInfo set) => rows.Where(row => row.Spec.Dataset == set.Name).Sum(row => row.Runs.Count);
        return Table.Of(
            ("data set", sets.Select(set => set.Name).ToArray()),
            ("what", sets.Select(set => set.What).ToArray()),
            ("data on this machine", sets.Select(set => set.Present() is null ? "no" : "yes").ToArray()),
            ("domains in the paper", sets.Select(set => PublishedResults.Domains(set.Name)).ToArray()),
            ("runs measured", sets.Select(Runs).ToArray()))
            .WithCaption($"{sets.Count(set => set.Present() is not null)} of {sets.Count} data sets are on this machine; `didd data list` says where the others come from.");
    }

    /// <summary>All tables: those of the paper in its order, then those of settings that the paper does not have.</summary>
    public static IReadOnlyList<Table> All(IReadOnlyList<ReportRow> rows)
    {
        var others = rows.Select(row => (row.Spec.Dataset, row.Spec.Ipc)).Distinct().Except(PublishedResults.Settings);
        return [.. PublishedResults.Settings.Concat(others).Select(setting => Setting(setting.Dataset, setting.Ipc, rows)), AblationTables.Segments(rows)];
    }

    /// <summary>One setting of the main table: a row for every rule of the paper, and for every one measured; ablations, other streams and other evaluations are counted, not shown, and runs of the profile smoke stand in no table with the paper's.</summary>
    /// <param name="dataset">Data set.</param>
    /// <param name="ipc">Stored images per class.</param>
    /// <param name="rows">What was measured; other settings are passed over.</param>
    public static Table Setting(string dataset, int ipc, IReadOnlyList<ReportRow> rows)
    {
        var published = PublishedResults.Rules(dataset, ipc);
        var all = rows.Where(row => row.Spec.Dataset == dataset && row.Spec.Ipc == ipc).ToList();
        var measured = all.Where(row => !IsAblation(row) && (row.Spec.Profile != "smoke" || published.Count == 0)).ToList();
        var ablations = all.Any(IsAblation) ? $" Rows not shown: {all.Count(IsAblation)}, of ablations, other settings and open questions (notebooks 2, 4, 6, 9 and 10)." : "";
        var lines = Lines(Learners.Names.Where(rule => published.Contains(rule) || measured.Exists(row => row.Spec.Rule == rule)), measured);
        T?[] Of<T>(Func<ReportRow, T?> cell) => [.. lines.Select(line => line.Row is null ? default : cell(line.Row))];
        (double Average, double? Forgetting)?[] paper = [.. lines.Select(line => PublishedResults.Of(dataset, ipc, line.Rule))];
        double?[] Beside(Func<ReportRow, double?> measure, Func<(double Average, double? Forgetting), double?> reported) =>
            [.. lines.Zip(paper, (line, p) => line.Row is { ComparesWithThePaper: true } row && p is { } cell ? measure(row) - reported(cell) : null)];
        var done = published.Count(rule => measured.Exists(row => row.Spec.Rule == rule && row.ComparesWithThePaper));
        var beside = published.Count == 0 ? "the paper has no A_T and F_T" : $"{done} of the paper's {published.Count} rows measured with its {PublishedResults.Domains(dataset)} domains";
        List<(string Name, System.Collections.IList Values)> columns =
        [
            ("rule", lines.Select(line => RunFigures.RuleName(line.Rule)).ToArray()),
            ("profile", Of(Profile)),
            ("T", Of(row => (int?)row.Spec.Domains)),
            ("seeds", Of(row => (int?)row.Runs.Count)),
            ("A_T %", Of(row => (double?)row.Average.Mean)),
            ("± A_T", Of(row => row.Average.HalfWidth)),
            ("paper A_T", paper.Select(cell => cell?.Average).ToArray()),
            ("A_T − paper", Beside(row => row.Average.Mean, cell => cell.Average)),
            ("F_T", Of(row => row.Forgetting?.Mean)),
            ("± F_T", Of(row => row.Forgetting?.HalfWidth)),
            ("paper F_T", paper.Select(cell => cell?.Forgetting).ToArray()),
            ("F_T − paper", Beside(row => row.Forgetting?.Mean, cell => cell.Forgetting)),
        ];
        // What neither the paper nor the runs have is no column.
        var table = Table.Of([.. columns.Where(column => column.Values.Cast<object?>().Any(value => value is not null))]);
        return (measured.Count == 0 ? table : table.WithLinks("seeds", [.. lines.Select(line => Seeds(line.Row))])).WithDecimals(1).WithCaption($"{dataset}, IPC {ipc}: {beside}. Means over seeds; ± is half the 95 % interval by Student's t, and needs two seeds.{ablations}");
    }

    /// <summary>One set under both protocols, a row per domain and their mean.</summary>
    public static Table Protocols(ProtocolComparison comparison, string set) => Table.Of(
        ("tested on", comparison.Domains.Append("mean").ToArray()),
        ("clean %", comparison.Clean.Select(interval => interval.Mean).Append(comparison.Clean.Average(interval => interval.Mean)).ToArray()),
        ("official %", comparison.Official.Select(interval => interval.Mean).Append(comparison.Official.Average(interval => interval.Mean)).ToArray()),
        ("official − clean", comparison.Official.Zip(comparison.Clean, (o, c) => o.Mean - c.Mean).Append(comparison.Difference.Mean).ToArray()))
        .WithDecimals(1).WithCaption($"{set}: official − clean = {comparison.Difference} points over {comparison.Difference.Count} networks (95 % interval).");

    // A line per measured row of every rule; where a rule was not measured, one for the paper alone.
    private static List<(string Rule, ReportRow? Row)> Lines(IEnumerable<string> rules, List<ReportRow> measured)
    {
        var lines = new List<(string, ReportRow?)>();
        foreach (var rule in rules)
        {
            var ofRule = measured.Where(row => row.Spec.Rule == rule).ToList();
            lines.AddRange(ofRule.Count == 0 ? [(rule, null)] : ofRule.Select(row => (rule, (ReportRow?)row)));
        }
        return lines;
    }

    /// <summary>Links to the recorded runs of a row, by seed.</summary>
    internal static IReadOnlyList<Link> Seeds(ReportRow? row) =>
        [.. (row?.Runs ?? []).Select(run => (run.Spec.Seed, Address: RunFigures.Address(run))).Where(run => run.Address is not null).Select(run => new Link($"{run.Seed}", run.Address!))];

    internal static bool IsAblation(ReportRow row) =>
        row.Spec.Profile != "smoke" && !row.Changes.All(change => Free.Any(start => change.StartsWith(start, StringComparison.Ordinal)));

    private static string Profile(ReportRow row) =>
        row.Spec.Profile + string.Concat(row.Changes.Where(change => !change.StartsWith("domains=", StringComparison.Ordinal)).Select(change => $", {change}"))
        + (row.Runs.Max(run => run.Budget) is > 1 and var budget ? $", {budget} × the budget" : "");
}
