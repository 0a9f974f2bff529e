using System.Diagnostics;
using System.Text.Json;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>
/// Computes a run into its folder, domain by domain. What is done stays: a run that was stopped or killed goes on at the last iteration that it kept
/// (<see cref="Checkpoint"/>), with the same bytes in the end; what is damaged is computed again, of a finished run too; one that is whole is only opened.
/// </summary>
/// <param name="spec">What to compute; must be valid.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Runner(RunSpec spec, string folder, string? dataRoot = null, Device? device = null)
{
    private readonly Device _device = device ?? CPU;
    private readonly Stopwatch _clock = new();
    private readonly List<IReadOnlyList<IReadOnlyList<double?>>> _accuracies = [];
    private readonly List<string> _sums = [];
    private Func<SyntheticSet?>? _look;
    private bool _joint;
    private int _iterations;
    private double _distilling;
    private double _evaluating;
    private int _distilled;
    private int _evaluated;

    /// <summary>Time from one checkpoint of a domain under way to the next; zero for every iteration. It does not change the result.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes what of the run so far was found damaged and is computed again, and which classes have fewer images than are taken at once, a line each.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Takes the estimate of memory and time, before the first iteration.</summary>
    public Action<RunEstimate>? Estimated { get; init; }

    /// <summary>Whether to compute even if more memory is needed than there is.</summary>
    public bool Force { get; init; }

    /// <summary>Shards of this run, whose sets are taken in place of distilling; null for none.</summary>
    public ShardMerge? Shards { get; init; }

    /// <summary>A finished run that differs from this one in its evaluation alone, whose sets are taken in place of distilling; null for none.</summary>
    public Run? SetsOf { get; init; }

    /// <summary>Computes what is missing and opens the run.</summary>
    /// <param name="progress">Takes the progress, many times a second.</param>
    /// <param name="cancellation">Stops the run, and keeps where it is.</param>
    /// <exception cref="SpecException">The folder holds a run of another spec, another process computes it, or it cannot be written.</exception>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded; finished domains stay.</exception>
    /// <exception cref="IOException">The disk is full, or the folder no longer writable; what was written before is intact.</exception>
    public Run Execute(Action<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (Shards is not null && Shards.Spec != spec)
            throw new SpecException($"the shards are of {Shards.Spec.Name}, not of {spec.Name}");
        if (SetsOf is not null)
            SetsOfRun.Check(SetsOf, spec);
        var files = new RunFolder(spec, spec.Name, folder, Warn ?? (_ => { }));
        if (Finished(files) is { } before)
            return before;
        return files.Locked(() =>
        {
            // Another process may have had the folder until now.
            if (Finished(files) is { } meanwhile)
                return meanwhile;
            if (TakesSets)
                files.DropCheckpoint();
            Compute(files, progress ?? (_ => { }), cancellation);
            return Run.Open(folder);
        });
    }

    private bool TakesSets => Shards is not null || SetsOf is not null;

    private Run? Finished(RunFolder files)
    {
        if (File.Exists(Path.Combine(folder, Shard.FileName)))
            throw new SpecException($"{folder}: holds a shard, classes {Shard.Read(folder).Range}; go on with --classes, or choose another folder with --out");
        if (!File.Exists(Path.Combine(folder, Run.EnvironmentFile)))
            return null;
        // Named, and taken away, once the folder is locked.
        if (RunCheck.Damage(folder).Count > 0)
            return null;
        files.Compare(Path.Combine(folder, Run.SpecFile));
        return Run.Open(folder) is { Finished: true } finished ? finished : null;
    }

    private void Compute(RunFolder files, Action<RunProgress> progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(spec, dataRoot, _device);
        var randomness = new Randomness(spec.Seed);
        var learner = Learners.Create(spec, stream, randomness, _device);
        RunEstimate.Of(spec, stream, TakesSets ? 1 : learner.Iterations, learner.Joint, evaluates: true, _device).Announce(Estimated, Force);
        if (Shards is not null)
            learner = Shards.Learner(learner.Iterations, _device);
        if (SetsOf is not null)
            learner = new SetsOfRun(SetsOf, learner.Iterations, _device);
        (_iterations, _joint) = (learner.Iterations, learner.Joint);
        _look = learner.Look;
        using var evaluator = new Evaluator(stream, spec.Evaluation, randomness, _device) { SetAfter = domain => SyntheticSet.Load(Run.SetPath(folder, domain), _device) };
        _clock.Start();
        files.Start();
        var first = TakeOver(files);
        var set = _accuracies.Count == 0 ? null : SyntheticSet.Load(Run.SetPath(folder, first - 1), _device);
        try
        {
            for (var domain = first; domain < spec.Domains; domain++)
            {
                foreach (var small in _joint || TakesSets ? [] : Learners.SmallClasses(spec, stream, domain))
                    Warn?.Invoke(small);
                var next = Learn(files, learner, domain, set, progress, cancellation);
                set?.Dispose();
                set = next;
                _accuracies.Add(Evaluate(evaluator, domain, set, progress, cancellation));
                files.Save(stream, domain, set, Run.AccuracyFile, () => Accuracy(stream, domain, set));
                progress(Progress(domain, true, spec.Evaluation.EpochsAfter(domain), null) with { Average = Matrix().Average });
            }
        }
        finally
        {
            set?.Dispose();
        }
        var places = Shards?.Environments ?? (SetsOf is null ? null : [SetsOf.Environment()!]);
        files.Finish(RunEnvironment.Current(_device, files.Seconds + (places?.Max(place => place.Seconds) ?? 0)) with { Shards = places });
    }

    // The domain to go on with, and the accuracies up to there.
    private int TakeOver(RunFolder files)
    {
        var start = _joint ? spec.Domains - 1 : 0;
        if (!File.Exists(Path.Combine(folder, Run.AccuracyFile)))
            return start;
        Run run;
        try
        {
            run = Run.Open(folder);
        }
        catch (DataSetException e)
        {
            Warn?.Invoke($"{e.Message.Split(';')[0]}; all domains are computed again");
            return start;
        }
        var first = files.TakeOver(start, run.Accuracy.Done, _iterations, domain => Run.Damage(folder, domain, run.Sets.ElementAtOrDefault(domain - start), Run.AccuracyFile));
        _accuracies.AddRange(run.NetworkAccuracies.Take(first - start));
        // An older version of this library left none.
        _sums.AddRange(Enumerable.Range(start, first - start).Select(domain => Run.Sum(Run.SetPath(folder, domain))));
        return first;
    }

    private SyntheticSet Learn(RunFolder files, Learner learner, int domain, SyntheticSet? previous, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var start = (Seconds: _distilling, Clock: _clock.Elapsed.TotalSeconds);
        return files.Learn(learner, domain, previous, CheckpointEvery, record =>
        {
            (_distilling, _distilled) = (start.Seconds + _clock.Elapsed.TotalSeconds - start.Clock, _distilled + 1);
            progress(Progress(domain, false, record.Iteration + 1, record.Plastic));
        }, cancellation);
    }

    private IReadOnlyList<IReadOnlyList<double?>> Evaluate(Evaluator evaluator, int domain, SyntheticSet set, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var start = (Seconds: _evaluating, Clock: _clock.Elapsed.TotalSeconds, Epochs: _evaluated);
        void Measure(int epochs) => (_evaluating, _evaluated) = (start.Seconds + _clock.Elapsed.TotalSeconds - start.Clock, start.Epochs + epochs);
        var accuracies = evaluator.Evaluate(domain, set, epochs =>
        {
            Measure(epochs);
            progress(Progress(domain, true, epochs, null));
        }, cancellation);
        Measure(spec.Evaluation.EpochsAfter(domain));
        return accuracies;
    }

    private string Accuracy(DomainStream stream, int domain, SyntheticSet set)
    {
        _sums.Add(Run.Sum(Run.SetPath(folder, domain)));
        var matrix = Matrix();
        return JsonSerializer.Serialize(new RunAccuracy(stream.Domains, _accuracies, matrix.Average, matrix.Forgetting, _joint, set.Ipc / spec.Ipc, _sums), RunSpec.Json) + "\n";
    }

    private AccuracyMatrix Matrix() => RunAccuracy.Of(_accuracies, _joint);

    private int EpochsBefore(int domain) => Enumerable.Range(0, domain).Sum(spec.Evaluation.EpochsAfter);

    private RunProgress Progress(int domain, bool evaluating, int step, double? loss)
    {
        var (stage, stages) = _joint ? (0, 1) : (domain, spec.Domains);
        var iterations = stage * _iterations + (evaluating ? _iterations : step);
        var stageEpochs = spec.Evaluation.EpochsAfter(domain);
        var epochs = (_joint ? 0 : EpochsBefore(domain)) + (evaluating ? step : 0);
        double perIteration = _distilling / Math.Max(1, _distilled), perEpoch = _evaluated > 0 ? _evaluating / _evaluated : perIteration / 4;
        var remaining = (stages * _iterations - iterations) * perIteration + ((_joint ? stageEpochs : EpochsBefore(spec.Domains)) - epochs) * perEpoch;
        var done = iterations * perIteration + epochs * perEpoch;
        return new RunProgress(
            domain, spec.Domains, evaluating, step, evaluating ? stageEpochs : _iterations, loss, null,
            done + remaining > 0 ? done / (done + remaining) : 0, _distilled + _evaluated > 0 ? TimeSpan.FromSeconds(remaining) : null, _look);
    }
}
