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

    /// <summary>Mean seconds of a run, distillation and evaluation; null where none says.</summary>
    public double? Seconds =>
        Runs.Select(run => run.Environment()?.Seconds).OfType<double>().ToList() is { Count: > 0 } seconds ? MeanInterval.Of(seconds).Mean : null;

    /// <summary>What the paper reports for this data set, IPC and rule; null where the runs do not <see cref="ComparesWithThePaper"/>, or the paper has none.</summary>
    public (double Average, double? Forgetting)? Published => ComparesWithThePaper ? PublishedResults.Of(Spec.Dataset, Spec.Ipc, Spec.Rule) : null;

    /// <summary>Whether the runs have the paper's domains and classes, in its order, its objective, and networks of its kind from scratch, so that their A_T and F_T may be held against it.</summary>
    public bool ComparesWithThePaper => Profiles.Spec(Spec.Profile, Spec.Dataset, Spec.Rule, Spec.Ipc) is var start
        && Spec.Domains == PublishedResults.Domains(Spec.Dataset) && Spec.Data with { Seed = 0, Resolution = 0 } == start.Data
        && Spec.Evaluation.Protocol != Protocol.Replay
        && (Spec.Distillation.Objective, Spec.Evaluation.Architecture, Spec.Evaluation.Network) == (start.Distillation.Objective, start.Evaluation.Architecture, start.Evaluation.Network);

    /// <summary>Whether the runs are as their profile has them, but perhaps for the number of evaluation networks.</summary>
    public bool IsOfProfile => Spec.WithOneNetwork == Profiles.Spec(Spec.Profile, Spec.Dataset, Spec.Rule, Spec.Ipc).WithOneNetwork;

    /// <summary>The settings that are not those of the row's profile and objective, such as <c>evaluation.protocol=official</c>, and the objective itself where it is not m3d; empty for the profile as it is.</summary>
    public IReadOnlyList<string> Changes
    {
        get
        {
            var start = Profiles.Spec(Spec.Profile, Spec.Dataset, Spec.Rule, Spec.Ipc).With(RunSpec.Leading, Spec.Distillation.Objective);
            var profile = RunSpec.Leaves(start.ToNode()).ToDictionary();
            var unnamed = new DistillationSettings().Objective;
            return [.. RunSpec.Leaves(Spec.ToNode()).Where(leaf => leaf.Key == RunSpec.Leading ? leaf.Value != unnamed : profile[leaf.Key] != leaf.Value).Select(leaf => $"{leaf.Key}={leaf.Value}")];
        }
    }

    /// <summary>A measure minus that of another row with the same seed, over the seeds that both have; null where there are none.</summary>
    /// <param name="other">The other row.</param>
    /// <param name="measure">What is compared; A_T, per cent, by default.</param>
    public MeanInterval? Difference(ReportRow other, Func<Run, double?>? measure = null)
    {
        measure ??= run => run.Accuracy.Average;
        var differences = Runs.Join(other.Runs, run => run.Spec.Seed, run => run.Spec.Seed, (mine, its) => measure(mine) - measure(its)).OfType<double>().ToList();
        return differences.Count == 0 ? null : MeanInterval.Of(differences);
    }

    /// <summary>The rows of the recorded runs and of others; a run that is in both counts once.</summary>
    public static IReadOnlyList<ReportRow> Recorded(params Run[] others) => Of(RunStore.Recorded().Concat(others).DistinctBy(run => run.Spec.Name));

    /// <summary>The recorded row of a rule as the profile <c>laptop</c> has it, on R-MNIST; nothing is computed.</summary>
    /// <param name="rule">The rule, one of <see cref="Learners.Names"/>.</param>
    /// <param name="ipc">Stored images per class.</param>
    /// <exception cref="DataSetException">No such run is recorded.</exception>
    public static ReportRow Recorded(string rule, int ipc = 1)
    {
        var spec = Profiles.Spec("laptop", rule: rule, ipc: ipc);
        return RunStore.Recorded(spec) is { Count: > 0 } runs ? new(spec, runs) : throw new DataSetException($"{spec.Name}: not recorded in {RunStore.RecordedFolder}; `didd run` with `--profile laptop --rule {rule} --ipc {ipc}` computes it, and `didd record` puts it there");
    }

    /// <summary>Of several copies of one spec's run, as builds of the library leave them, the one that was finished last; others stay as they are.</summary>
    public static IReadOnlyList<Run> Newest(IEnumerable<Run> runs) =>
        [.. runs.GroupBy(run => run.Spec.Name).Select(copies => copies.MaxBy(run => File.GetLastWriteTimeUtc(Path.Combine(run.Folder, Run.EnvironmentFile)))!)];

    /// <summary>The rows of runs: by data set, profile and IPC, rules in the order of <see cref="Learners.Names"/>, each as its profile has it before those with changed settings.</summary>
    /// <param name="runs">Runs; unfinished ones are left out, and of several of one spec all but the <see cref="Newest"/>.</param>
    public static IReadOnlyList<ReportRow> Of(IEnumerable<Run> runs) =>
    [
        .. Newest(runs.Where(run => run.Finished))
            .GroupBy(run => (run.Spec with { Seed = 0 }).Hash)
            .Select(group => new ReportRow(group.First().Spec with { Seed = 0 }, [.. group.OrderBy(run => run.Spec.Seed)]))
            .OrderBy(row => (row.Spec.Dataset, row.Spec.Profile, row.Spec.Ipc, Learners.Names.ToList().IndexOf(row.Spec.Rule), row.Changes.Count, row.Spec.Hash)),
    ];
}
