namespace DIDD.Experiments;

/// <summary>Wall-clock seconds of the runs of a row, from their logs and environments: of those that were computed at one place with one version of the library, the most of the row.</summary>
/// <param name="Row">The row, with the runs that count.</param>
/// <param name="Whole">Seconds of a run, distillation and evaluation.</param>
/// <param name="Distilling">Of its distillation: the last record of every domain, summed; 0 where nothing is optimised.</param>
/// <param name="Place">Processor, device and threads.</param>
/// <param name="Library">Version and commit of the library.</param>
public sealed record RunCost(ReportRow Row, MeanInterval Whole, MeanInterval Distilling, string Place, string Library)
{
    /// <summary>Seconds of a run that are not distillation: the evaluation of all sets, and files.</summary>
    public double Rest => Whole.Mean - Distilling.Mean;

    /// <summary>The costs of rows; runs without an environment are left out, and rows of such runs alone.</summary>
    public static IReadOnlyList<RunCost> Of(IEnumerable<ReportRow> rows) =>
    [
        .. from row in rows
           let known = row.Runs.Where(run => Made(run) is not null).GroupBy(run => Made(run)!.Value).MaxBy(alike => alike.Count())
           where known is not null
           select new RunCost(
               row with { Runs = [.. known] }, MeanInterval.Of([.. known.Select(run => run.Environment()!.Seconds)]), MeanInterval.Of([.. known.Select(Seconds)]),
               known.Key.Place, known.Key.Commit),
    ];

    /// <summary>Seconds of a run's distillation: the last record of every domain, summed.</summary>
    public static double Seconds(Run run) => run.Log().GroupBy(record => record.Domain).Sum(domain => domain.Max(record => record.Seconds));

    /// <summary>Where and by which commit a run was distilled; seconds of different ones are not compared. Null where it was not recorded, or was distilled in several shards.</summary>
    internal static (string Place, string Commit)? Made(Run run) => run.Environment() switch
    {
        null or { Shards.Count: > 1 } => null,
        { Shards: [var elsewhere] } => Of(elsewhere),
        var here => Of(here),
    };

    private static (string Place, string Commit) Of(RunEnvironment place) => ($"{place.Processor}, {place.Device}, {place.Threads} thread(s)", place.Commit);

    /// <summary>Distillation time over that of Finetune at the same data set, IPC, profile, changed settings, place and version of the library; null where there is none, or nothing is optimised.</summary>
    public double? ToFinetune(IReadOnlyList<RunCost> all)
    {
        var finetune = all.FirstOrDefault(cost => cost.Row.Spec.Rule == "finetune" && cost.Row.Changes.SequenceEqual(Row.Changes) && (cost.Place, cost.Library) == (Place, Library)
            && (cost.Row.Spec.Dataset, cost.Row.Spec.Ipc, cost.Row.Spec.Profile) == (Row.Spec.Dataset, Row.Spec.Ipc, Row.Spec.Profile));
        return finetune is null || Distilling.Mean == 0 ? null : Distilling.Mean / finetune.Distilling.Mean;
    }
}
