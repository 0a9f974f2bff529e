namespace DIDD.Experiments;

/// <summary>
/// Distils some classes of a run, as they are distilled in the whole: draws, momentum and rates go by a class's position among all. Shards need nothing of
/// one another; <see cref="ShardMerge"/> joins them.
/// </summary>
/// <param name="spec">The whole run; must be valid.</param>
/// <param name="classes">The classes.</param>
/// <param name="folder">The shard's folder.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class ShardRunner(RunSpec spec, ClassRange classes, string folder, string? dataRoot = null, Device? device = null)
    : FolderRunner<Shard>(spec, Shard.NameOf(spec, classes), folder, device)
{
    private protected override int EpochsAfter(int domain) => 0;

    private protected override void Refuse()
    {
        Learners.ValidateShard(Spec);
        if (File.Exists(Path.Combine(Folder, Run.AccuracyFile)))
            throw new SpecException($"{Folder}: holds a whole run; choose another folder with --out");
        if (Before() is { } before && before.Range != classes)
            throw new SpecException($"{Folder}: holds classes {before.Range}, not {classes}; choose another folder with --out");
    }

    private protected override Shard Open() => Shard.Read(Folder);

    private protected override bool IsFinished(Shard opened) => opened.Finished;

    private protected override void Compute(RunFolder files, Action<RunProgress> progress, CancellationToken cancellation)
    {
        using var whole = Streams.Open(Spec, dataRoot, Device);
        if (classes.Last >= whole.Classes.Count)
            throw new SpecException($"--classes {classes}: {Spec.Dataset} has {whole.Classes.Count} classes here, 0-{whole.Classes.Count - 1}");
        using var stream = new SelectedStream(
            whole, [.. Enumerable.Range(0, whole.Domains.Count)], [.. Enumerable.Range(classes.First, classes.Count)], 0, new Randomness(Spec.Data.Seed),
            new ClassShard(classes.First, whole.Classes.Count));
        var learner = Learners.Create(Spec, stream, new Randomness(Spec.Seed), Device);
        RunEstimate.Of(Spec, stream, learner.Iterations, learner.Joint, evaluates: false, Device).Announce(Estimated, Force);
        Start(files);
        var (before, start) = (Before(), First(learner));
        var first = before is null ? start
            : files.TakeOver(start, start + before.Sets.Count, learner.Iterations,
                domain => Run.Damage(Folder, domain, before.Sets[domain - start], Shard.FileName));
        Sums.AddRange(before?.Sets.Take(first - start) ?? []);
        Learn(files, stream, learner, first, warns: true, (_, _) => null, Shard.FileName, _ => JsonSerializer.Serialize(
            new Shard(classes.First, classes.Last, whole.Classes, stream.Domains, learner.Joint, Sums), RunSpec.Json) + "\n", progress, cancellation);
        files.Finish(RunEnvironment.Current(Device, files.Seconds));
    }

    // What there is of the shard; null where that is nothing, or damaged.
    private Shard? Before() =>
        File.Exists(Path.Combine(Folder, Shard.FileName)) && !RunCheck.Damage(Folder).Any(damage => Path.GetFileName(damage.Path) == Shard.FileName)
            ? Shard.Read(Folder) : null;
}
