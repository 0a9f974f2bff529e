namespace DIDD.Experiments;

/// <summary>Computes a run into its folder.</summary>
/// <param name="spec">What to compute; must be valid.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Runner(RunSpec spec, string folder, string? dataRoot = null, Device? device = null) : FolderRunner<Run>(spec, spec.Name, folder, device)
{
    private readonly List<IReadOnlyList<IReadOnlyList<double?>>> _accuracies = [];

    /// <summary>Shards of this run, whose sets are taken in place of distilling; null for none.</summary>
    public ShardMerge? Shards { get; init; }

    /// <summary>A finished run that differs from this one in its evaluation alone, whose sets are taken in place of distilling; null for none.</summary>
    public Run? SetsOf { get; init; }

    private bool TakesSets => Shards is not null || SetsOf is not null;

    private protected override int EpochsAfter(int domain) => Spec.Evaluation.EpochsAfter(domain);

    private protected override void Refuse()
    {
        if (Shards is not null && Shards.Spec != Spec)
            throw new SpecException($"the shards are of {Shards.Spec.Name}, not of {Spec.Name}");
        if (SetsOf is not null)
            SetsOfRun.Check(SetsOf, Spec);
        if (File.Exists(Path.Combine(Folder, Shard.FileName)))
            throw new SpecException($"{Folder}: holds a shard, classes {Shard.Read(Folder).Range}; go on with --classes, or choose another folder with --out");
    }

    private protected override Run Open() => Run.Open(Folder);

    private protected override bool IsFinished(Run opened) => opened.Finished;

    private protected override void Compute(RunFolder files, Action<RunProgress> progress, CancellationToken cancellation)
    {
        if (TakesSets)
            files.DropCheckpoint();
        using var stream = Streams.Open(Spec, dataRoot, Device);
        var randomness = new Randomness(Spec.Seed);
        var learner = Learners.Create(Spec, stream, randomness, Device);
        RunEstimate.Of(Spec, stream, TakesSets ? 1 : learner.Iterations, learner.Joint, evaluates: true, Device).Announce(Estimated, Force);
        learner = Shards?.Learner(learner.Iterations, Device) ?? (SetsOf is null ? learner : new SetsOfRun(SetsOf, learner.Iterations, Device));
        using var evaluator = new Evaluator(stream, Spec.Evaluation, randomness, Device) { SetAfter = domain => SyntheticSet.Load(Run.SetPath(Folder, domain), Device) };
        Start(files);
        var first = TakeOver(files, First(learner), learner.Iterations);
        AccuracyMatrix Matrix() => RunAccuracy.Of(_accuracies, learner.Joint);
        Learn(files, stream, learner, first, warns: !TakesSets, (domain, set) =>
        {
            _accuracies.Add(Evaluate(evaluator, learner, domain, set, progress, cancellation));
            return Matrix().Average;
        }, Run.AccuracyFile, set => JsonSerializer.Serialize(
            new RunAccuracy(stream.Domains, _accuracies, Matrix().Average, Matrix().Forgetting, learner.Joint, set.Ipc / Spec.Ipc, Sums), RunSpec.Json) + "\n",
            progress, cancellation);
        var places = Shards?.Environments ?? (SetsOf?.Environment() is { } place ? [place] : null);
        files.Finish(RunEnvironment.Current(Device, files.Seconds + (places?.Max(place => place.Seconds) ?? 0)) with { Shards = places });
    }

    // The domain to go on with, and the accuracies up to there.
    private int TakeOver(RunFolder files, int start, int iterations)
    {
        if (!File.Exists(Path.Combine(Folder, Run.AccuracyFile)))
            return start;
        Run run;
        try
        {
            run = Run.Open(Folder);
        }
        catch (DataSetException e)
        {
            Warn?.Invoke($"{e.Message.Split(';')[0]}; all domains are computed again");
            return start;
        }
        var first = files.TakeOver(start, run.Accuracy.Done, iterations, domain => Run.Damage(Folder, domain, run.Sets.ElementAtOrDefault(domain - start), Run.AccuracyFile));
        _accuracies.AddRange(run.NetworkAccuracies.Take(first - start));
        // An older version of this library left none.
        Sums.AddRange(Enumerable.Range(start, first - start).Select(domain => Run.Sum(Run.SetPath(Folder, domain))));
        return first;
    }
}
