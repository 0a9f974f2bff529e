using System.Collections;

namespace DIDD.Figures;

/// <summary>The tables of runs.</summary>
public static class RunTables
{
    /// <summary>A row per run: IPC, images stored in units of the fixed budget, A_T, F_T, the mean accuracy of consecutive domains, and seconds.</summary>
    /// <exception cref="ArgumentException">There are no runs, or they have different numbers of domains.</exception>
    public static Table Summary(params Run[] runs)
    {
        if (runs.Select(run => run.Accuracy.Done).Distinct().Count() != 1)
            throw new ArgumentException("give runs with the same number of domains done, at least one", nameof(runs));
        var segments = runs.Select(run => run.Accuracy.Segments()).ToList();
        var columns = new List<(string, System.Collections.IList)>
        {
            ("rule", runs.Select(RunFigures.RuleName).ToArray()),
            ("IPC", runs.Select(run => run.Spec.Ipc).ToArray()),
            ("stored ÷ IPC·C", runs.Select(run => run.Budget).ToArray()),
            ("A_T %", runs.Select(run => (double?)run.Accuracy.Average).ToArray()),
            ("F_T", runs.Select(run => run.Accuracy.Forgetting).ToArray()),
        };
        columns.AddRange(segments[0].Select((segment, i) => (
            segment.First == segment.Last ? $"domain {segment.First} %" : $"domains {segment.First}–{segment.Last} %",
            (System.Collections.IList)segments.Select(s => (double?)s[i].Mean).ToArray())));
        columns.Add(("seconds", runs.Select(run => run.Environment()?.Seconds).ToArray()));
        return Table.Of([.. columns]).WithDecimals(1).WithCaption($"After the last domain. {RunFigures.Source(runs)}");
    }

    /// <summary>Where the numbers of a notebook come from, once: a row per rule and setting, with size, seeds (links to the folders of recorded runs), device, version and day.</summary>
    /// <param name="runs">All runs that the notebook shows, at least one.</param>
    public static Table Sources(params IReadOnlyList<Run> runs)
    {
        Check.NotEmpty(runs, "run", "give those that the notebook shows");
        var rows = ReportRow.Of(runs);
        string[] Of(Func<ReportRow, string> cell) => [.. rows.Select(cell)];
        string Distinct(ReportRow row, Func<RunEnvironment, string> cell) => string.Join(", ", row.Runs.Select(run => run.Environment()).OfType<RunEnvironment>().Select(cell).Distinct().Order(StringComparer.Ordinal));
        var size = rows[0].Spec;
        return Table.Of(
            ("rule", Of(row => RunFigures.RuleName(row.Runs[0]))),
            ("data set", Of(row => row.Spec.Dataset)),
            ("IPC", rows.Select(row => row.Spec.Ipc).ToArray()),
            ("changed", Of(row => string.Join(", ", row.Changes.Select(CostTables.Short)))),
            ("size", Of(row => row.Spec.Profile)),
            ("seeds", Of(row => string.Join(", ", row.Runs.Select(run => run.Spec.Seed)))),
            ("device", Of(row => Distinct(row, each => each.Device))),
            ("version", Of(row => Distinct(row, each => Short(each.Commit)))),
            ("day", Of(row => Distinct(row, each => each.Date))))
            .WithLinks("seeds", [.. rows.Select(ResultTables.Seeds)])
            .WithCaption($"Where the numbers come from. Size {size.Profile}{(size.Profile == "paper" ? "" : " (smaller than the paper's)")}: {size.Distillation.Iterations} iterations a domain, width {size.Distillation.Network.Width}, {size.Distillation.RealImages} real images a class, "
                + $"{size.Evaluation.Networks} {(size.Evaluation.Networks == 1 ? "network" : "networks")} tested on {(size.Evaluation.TestImages == 0 ? "all" : size.Evaluation.TestImages.ToString(CultureInfo.InvariantCulture))} images a domain. Seeds lead to recorded runs.");
    }

    // 0.1.0+<40 digits> → 0.1.0+<7 digits>
    private static string Short(string version) => version.Split('+') is [var number, { Length: > 7 } commit] ? $"{number}+{commit[..7]}" : version;

    /// <summary>
    /// A row per <see cref="ReportRow"/>: A_T in per cent, F_T in per cent points, both as means over the seeds with half the width of the 95 % interval
    /// (Student's t; empty for one seed), the paper's numbers beside them, the mean accuracy of each quarter of the domains in per cent, and seconds a run.
    /// </summary>
    /// <param name="rows">Rows of finished runs, at least one.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Table Report(IReadOnlyList<ReportRow> rows)
    {
        Check.NotEmpty(rows, "row", "give those of ReportRow.Of");
        var forgetting = rows.Select(row => row.Forgetting).ToList();
        var segments = rows.Select(row => row.Segments).ToList();
        var columns = new List<(string, IList)>
        {
            ("data set", rows.Select(row => row.Spec.Dataset).ToArray()),
            ("profile", rows.Select(row => row.Spec.Profile).ToArray()),
            ("protocol", rows.Select(row => row.Spec.Evaluation.Protocol.ToString().ToLowerInvariant()).ToArray()),
            ("IPC", rows.Select(row => row.Spec.Ipc).ToArray()),
            ("rule", rows.Select(row => row.Spec.Rule).ToArray()),
            ("budget ×", rows.Select(row => row.Runs.Max(run => run.Budget)).ToArray()),
            ("seeds", rows.Select(row => string.Join(' ', row.Runs.Select(run => run.Spec.Seed))).ToArray()),
            ("A_T %", rows.Select(row => (double?)row.Average.Mean).ToArray()),
            ("A_T ±", rows.Select(row => row.Average.HalfWidth).ToArray()),
            ("paper A_T %", rows.Select(row => row.Published?.Average).ToArray()),
            ("F_T", forgetting.Select(interval => interval?.Mean).ToArray()),
            ("F_T ±", forgetting.Select(interval => interval?.HalfWidth).ToArray()),
            ("paper F_T", rows.Select(row => row.Published?.Forgetting).ToArray()),
        };
        columns.AddRange(Enumerable.Range(0, segments.Max(row => row.Count)).Select(i => (
            $"quarter {i + 1} %", (IList)segments.Select(row => i < row.Count ? row[i].Mean : (double?)null).ToArray())));
        columns.Add(("seconds", rows.Select(row => row.Seconds).ToArray()));
        columns.Add(("changed", rows.Select(row => string.Join(' ', row.Changes)).ToArray()));
        columns.Add(("settings", rows.Select(row => row.Runs[0].Spec.Hash).ToArray()));
        return Table.Of([.. columns]).WithDecimals(1).WithCaption("Means over the seeds ± half the 95 % interval, and the paper's numbers.");
    }

    /// <summary>Writes a table as CSV: commas, a point in numbers, UTF-8, a line of titles; what is missing is empty. To a temporary name first; a file of that name is replaced.</summary>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public static void WriteCsv(Table table, string path)
    {
        AtomicFile.Write(path, stream => DataFrame.SaveCsv(table.Frame, stream, encoding: new UTF8Encoding(false), cultureInfo: CultureInfo.InvariantCulture));
    }
}
