using DIDD.Evaluation;

namespace DIDD.Experiments;

/// <summary>Finished runs that differ in nothing but their seed: a row of a table.</summary>
/// <param name="Spec">Their spec, with seed 0.</param>
/// <param name="Runs">The runs, by seed; at least one.</param>
public sealed record ReportRow(RunSpec Spec, IReadOnlyList<Run> Runs)
{
    /// <summary>A_T over the seeds, per cent.</summary>
    public MeanInterval Average => MeanInterval.Of([.. Runs.Select(run => run.Accuracy.Average)]);

    /// <summary>F_T over the seeds, per cent points; null for sets of all domains at once.</summary>
    public MeanInterval? Forgetting => Runs.All(run => run.Accuracy.Forgetting is not null) ? MeanInterval.Of([.. Runs.Select(run => run.Accuracy.Forgetting!.Value)]) : null;

    /// <summary>Mean accuracy over quarters of the domains, over the seeds, per cent.</summary>
    public IReadOnlyList<MeanInterval> Segments =>
        [.. Enumerable.Range(0, Runs[0].Accuracy.Segments().Count).Select(i => MeanInterval.Of([.. Runs.Select(run => run.Accuracy.Segments()[i].Mean)]))];

    /// <summary>What the paper reports for this data set, IPC and rule.</summary>
    public (double Average, double? Forgetting)? Published => PublishedResults.Of(Spec.Dataset, Spec.Ipc, Spec.Rule);

    /// <summary>The rows of runs: by data set, profile and IPC, rules in the order of <see cref="Learners.Names"/>.</summary>
    /// <param name="runs">Runs; unfinished ones are left out.</param>
    public static IReadOnlyList<ReportRow> Of(IEnumerable<Run> runs) =>
    [
        .. runs.Where(run => run.Finished)
            .GroupBy(run => (run.Spec with { Seed = 0 }).Hash)
            .Select(group => new ReportRow(group.First().Spec with { Seed = 0 }, [.. group.OrderBy(run => run.Spec.Seed)]))
            .OrderBy(row => (row.Spec.Dataset, row.Spec.Profile, row.Spec.Ipc, Learners.Names.ToList().IndexOf(row.Spec.Rule), row.Spec.Hash)),
    ];
}
