using System.Diagnostics;
using System.Text.Json;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>
/// Computes a run into its folder, domain by domain. What is done stays: a run that was stopped goes on after its last finished domain, a
/// finished one is only opened.
/// </summary>
/// <param name="spec">What to compute; must be valid.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Runner(RunSpec spec, string folder, string? dataRoot = null, Device? device = null)
{
    private readonly Device _device = device ?? CPU;
    private readonly Stopwatch _clock = new();
    private readonly List<IterationRecord> _log = [];
    private readonly List<IReadOnlyList<IReadOnlyList<double?>>> _accuracies = [];
    private Func<SyntheticSet?>? _look;
    private bool _joint;
    private int _iterations;
    private double _distilling;
    private double _evaluating;
    private int _distilled;
    private int _evaluated;

    /// <summary>Computes what is missing and opens the run.</summary>
    /// <param name="progress">Takes the progress, many times a second.</param>
    /// <param name="cancellation">Stops the run; finished domains stay. Without one, interrupting a notebook's cell does.</param>
    /// <exception cref="SpecException">The folder holds a run of another spec, another process computes it, or it cannot be written.</exception>
    /// <exception cref="DataSetException">The data, or the run so far, are missing or damaged.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded; finished domains stay.</exception>
    public Run Execute(Action<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var held = File.Exists(Path.Combine(folder, Run.EnvironmentFile)) ? null : RunLock.Take(folder);
        var finished = Prepare();
        if (!finished || !File.Exists(Path.Combine(folder, Run.EnvironmentFile)))
            Compute(progress ?? (_ => { }), HostInterrupt.Or(cancellation));
        return Run.Open(folder);
    }

    // Takes up what is there; true where all domains are done.
    private bool Prepare()
    {
        var path = Path.Combine(folder, Run.SpecFile);
        try
        {
            if (!File.Exists(path))
                AtomicFile.WriteText(path, spec.ToJson());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpecException($"{folder}: cannot be written ({e.Message}); choose another folder with --out");
        }
        if (File.ReadAllText(path) != spec.ToJson())
            throw new SpecException($"{folder}: holds a run of another spec; choose another folder with --out, or delete it");
        if (!File.Exists(Path.Combine(folder, Run.AccuracyFile)))
            return false;
        var run = Run.Open(folder);
        _accuracies.AddRange(run.NetworkAccuracies);
        _log.AddRange(Run.ReadLog(folder).Where(record => record.Domain < run.Accuracy.Done));
        return run.Finished;
    }

    private void Compute(Action<RunProgress> progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(spec, dataRoot, _device);
        var randomness = new Randomness(spec.Seed);
        var learner = Learners.Create(spec, stream, randomness, _device);
        (_iterations, _joint) = (learner.Iterations, learner.Joint);
        _look = learner.Look;
        var evaluator = new Evaluator(stream, spec.Evaluation, randomness, _device);
        _clock.Start();
        var first = _accuracies.Count == 0 ? 0 : Matrix().Done;
        var set = first == 0 ? null : SyntheticSet.Load(Run.SetPath(folder, first - 1), _device);
        try
        {
            for (var domain = _joint && first == 0 ? spec.Domains - 1 : first; domain < spec.Domains; domain++)
            {
                var next = Learn(learner, domain, set, progress, cancellation);
                set?.Dispose();
                set = next;
                _accuracies.Add(Evaluate(evaluator, domain, set, progress, cancellation));
                Save(stream, domain, set);
                progress(Progress(domain, true, spec.Evaluation.EpochsAfter(domain), null) with { Average = Matrix().Average });
            }
        }
        finally
        {
            set?.Dispose();
        }
        AtomicFile.WriteText(Path.Combine(folder, Run.EnvironmentFile), JsonSerializer.Serialize(RunEnvironment.Current(_device, _clock.Elapsed.TotalSeconds), RunSpec.Json) + "\n");
    }

    private SyntheticSet Learn(Learner learner, int domain, SyntheticSet? previous, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var every = Learner.RecordEvery(_iterations);
        var start = (Seconds: _distilling, Clock: _clock.Elapsed.TotalSeconds);
        return learner.Learn(domain, previous, record =>
        {
            if (record.Iteration % every == 0 || record.Iteration == _iterations - 1)
                _log.Add(record);
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

    // The accuracy is written last: a domain counts as done when its row is there.
    private void Save(DomainStream stream, int domain, SyntheticSet set)
    {
        var path = Run.SetPath(folder, domain);
        set.Save(path, new Dictionary<string, string> { ["run"] = spec.Name, ["domain"] = $"{domain + 1} of {spec.Domains}: {stream.Domains[domain]}", ["provenance"] = stream.Provenance });
        set.SaveSheet(Path.ChangeExtension(path, ".png"));
        AtomicFile.WriteText(Path.Combine(folder, Run.LogFile), string.Concat(_log.Select(record => JsonSerializer.Serialize(record, Run.OneLine) + "\n")));
        var matrix = Matrix();
        AtomicFile.WriteText(
            Path.Combine(folder, Run.AccuracyFile),
            JsonSerializer.Serialize(new RunAccuracy(stream.Domains, _accuracies, matrix.Average, matrix.Forgetting, _joint, set.Ipc / spec.Ipc), RunSpec.Json) + "\n");
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
