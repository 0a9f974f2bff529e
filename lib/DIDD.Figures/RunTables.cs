using DIDD.Experiments;

namespace DIDD.Figures;

/// <summary>The tables of runs.</summary>
public static class RunTables
{
    /// <summary>A row per run: IPC, images stored in units of the fixed budget, A_T, F_T, the mean accuracy of consecutive domains, and seconds.</summary>
    /// <exception cref="ArgumentException">There are no runs, or they have different numbers of domains.</exception>
    public static Table Summary(params Run[] runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Select(run => run.Accuracy.Done).Distinct().Count() != 1)
            throw new ArgumentException("give runs with the same number of domains done, at least one", nameof(runs));
        var segments = runs.Select(run => run.Accuracy.Segments()).ToList();
        var columns = new List<(string, System.Collections.IList)>
        {
            ("rule", runs.Select(RunFigures.RuleName).ToArray()),
            ("IPC", runs.Select(run => run.Spec.Ipc).ToArray()),
            ("budget ×", runs.Select(run => run.Budget).ToArray()),
            ("A_T %", runs.Select(run => (double?)run.Accuracy.Average).ToArray()),
            ("F_T %", runs.Select(run => run.Accuracy.Forgetting).ToArray()),
        };
        columns.AddRange(segments[0].Select((segment, i) => (
            segment.First == segment.Last ? $"domain {segment.First} %" : $"domains {segment.First}–{segment.Last} %",
            (System.Collections.IList)segments.Select(s => (double?)s[i].Mean).ToArray())));
        columns.Add(("seconds", runs.Select(run => run.Environment()?.Seconds).ToArray()));
        return Table.Of([.. columns]).WithDecimals(1).WithCaption($"After the last domain. {RunFigures.Source(runs)}");
    }
}
