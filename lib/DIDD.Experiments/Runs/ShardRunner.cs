using System.Diagnostics;
using System.Text.Json;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>
/// Distils some classes of a run, as they are distilled in the whole: draws, momentum and rates go by a class's position among all. Shards need nothing of
/// one another; <see cref="ShardMerge"/> joins them. A shard stops, goes on and is mended as a run (<see cref="Runner"/>).
/// </summary>
/// <param name="spec">The whole run; must be valid.</param>
/// <param name="classes">The classes.</param>
/// <param name="folder">The shard's folder.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class ShardRunner(RunSpec spec, ClassRange classes, string folder, string? dataRoot = null, Device? device = null)
{
    private readonly Device _device = device ?? CPU;
    private readonly Stopwatch _clock = new();
    private readonly List<string> _sums = [];
    private int _iterations;
    private double _distilled;

    /// <summary>Time from one checkpoint of a domain under way to the next; zero for every iteration. It does not change the result.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes what of the shard so far was found damaged and is computed again, a line each.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Takes the estimate of memory and time, before the first iteration.</summary>
    public Action<RunEstimate>? Estimated { get; init; }

    /// <summary>Whether to compute even if more memory is needed than there is.</summary>
    public bool Force { get; init; }

    /// <summary>Computes what is missing and reads <c>shard.json</c>.</summary>
    /// <param name="progress">Takes the progress, many times a second.</param>
    /// <param name="cancellation">Stops the shard, and keeps where it is.</param>
    /// <exception cref="SpecException">The rule needs all classes at once, there are no such classes, the folder holds something else, another process computes it, or it cannot be written.</exception>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded; finished domains stay.</exception>
    /// <exception cref="IOException">The disk is full, or the folder no longer writable; what was written before is intact.</exception>
    public Shard Execute(Action<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        Learners.ValidateShard(spec);
        var files = new RunFolder(spec, Shard.NameOf(spec, classes), folder, Warn ?? (_ => { }));
        if (Before() is { } before && IsFinished(before))
        {
            files.Compare(Path.Combine(folder, Run.SpecFile));
            return before;
        }
        using var scope = NewDisposeScope();
        using var whole = Streams.Open(spec, dataRoot, _device);
        if (classes.Last >= whole.Classes.Count)
            throw new SpecException($"--classes {classes}: {spec.Dataset} has {whole.Classes.Count} classes here, 0-{whole.Classes.Count - 1}");
        using var stream = new SelectedStream(
            whole, [.. Enumerable.Range(0, whole.Domains.Count)], [.. Enumerable.Range(classes.First, classes.Count)], 0, new Randomness(spec.Data.Seed),
            new ClassShard(classes.First, whole.Classes.Count));
        return files.Locked(() =>
        {
            // Another process may have had the folder until now.
            var meanwhile = Before();
            if (meanwhile is not null && IsFinished(meanwhile))
                return meanwhile;
            Compute(files, meanwhile, whole.Classes, stream, progress ?? (_ => { }), cancellation);
            return Shard.Read(folder);
        });
    }

    private bool IsFinished(Shard shard) => shard.Finished && File.Exists(Path.Combine(folder, Run.EnvironmentFile)) && RunCheck.Damage(folder).Count == 0;

    private Shard? Before()
    {
        if (File.Exists(Path.Combine(folder, Run.AccuracyFile)))
            throw new SpecException($"{folder}: holds a whole run; choose another folder with --out");
        if (!File.Exists(Path.Combine(folder, Shard.FileName)))
            return null;
        if (RunCheck.Damage(folder).Any(damage => Path.GetFileName(damage.Path) == Shard.FileName))
            return null;
        var before = Shard.Read(folder);
        return before.Range == classes ? before : throw new SpecException($"{folder}: holds classes {before.Range}, not {classes}; choose another folder with --out");
    }

    private void Compute(RunFolder files, Shard? before, IReadOnlyList<string> allClasses, SelectedStream stream, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var learner = Learners.Create(spec, stream, new Randomness(spec.Seed), _device);
        RunEstimate.Of(spec, stream, learner.Iterations, learner.Joint, evaluates: false, _device).Announce(Estimated, Force);
        _iterations = learner.Iterations;
        _clock.Start();
        files.Start();
        var start = learner.Joint ? spec.Domains - 1 : 0;
        var first = before is null ? start : files.TakeOver(start, start + before.Sets.Count, _iterations, domain => before.Damage(folder, domain));
        _sums.AddRange(before?.Sets.Take(first - start) ?? []);
        var set = first == start ? null : SyntheticSet.Load(Run.SetPath(folder, first - 1), _device);
        try
        {
            for (var domain = first; domain < spec.Domains; domain++)
            {
                foreach (var small in learner.Joint ? [] : Learners.SmallClasses(spec, stream, domain))
                    Warn?.Invoke(small);
                var next = files.Learn(learner, domain, set, CheckpointEvery, record => progress(Progress(domain, start, record)), cancellation);
                set?.Dispose();
                set = next;
                files.Save(stream, domain, set, Shard.FileName, () =>
                {
                    _sums.Add(Run.Sum(Run.SetPath(folder, domain)));
                    return JsonSerializer.Serialize(new Shard(classes.First, classes.Last, allClasses, stream.Domains, learner.Joint, _sums), RunSpec.Json) + "\n";
                });
            }
        }
        finally
        {
            set?.Dispose();
        }
        files.Finish(RunEnvironment.Current(_device, files.Seconds));
    }

    private RunProgress Progress(int domain, int start, IterationRecord record)
    {
        _distilled++;
        double done = (domain - start) * _iterations + record.Iteration + 1, all = (spec.Domains - start) * _iterations;
        return new RunProgress(
            domain, spec.Domains, false, record.Iteration + 1, _iterations, record.Plastic, null, done / all, _clock.Elapsed / _distilled * (all - done));
    }
}
