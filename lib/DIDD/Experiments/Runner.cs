using System.Diagnostics;
using System.Text.Json;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Rules;
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
    private const int RecordsPerDomain = 200;

    private readonly Device _device = device ?? CPU;
    private readonly Stopwatch _clock = new();
    private readonly List<IterationRecord> _log = [];
    private readonly List<IReadOnlyList<IReadOnlyList<double>>> _accuracies = [];
    private double _distilling;
    private double _evaluating;
    private int _distilled;
    private int _evaluated;

    /// <summary>Computes what is missing and opens the run.</summary>
    /// <param name="progress">Takes the progress, many times a second.</param>
    /// <param name="cancellation">Stops the run; finished domains stay.</param>
    /// <exception cref="SpecException">The folder holds a run of another spec, or cannot be written.</exception>
    /// <exception cref="DataSetException">The data, or the run so far, are missing or damaged.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite.</exception>
    public Run Execute(Action<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        Prepare();
        if (_accuracies.Count < spec.Domains || !File.Exists(Path.Combine(folder, Run.EnvironmentFile)))
            Compute(progress ?? (_ => { }), cancellation);
        return Run.Open(folder);
    }

    // Makes the folder, or takes up what is there.
    private void Prepare()
    {
        var path = Path.Combine(folder, Run.SpecFile);
        try
        {
            Directory.CreateDirectory(folder);
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
            return;
        _accuracies.AddRange(Run.Open(folder).NetworkAccuracies);
        _log.AddRange(Run.ReadLog(folder).Where(record => record.Domain < _accuracies.Count));
    }

    private void Compute(Action<RunProgress> progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(spec, dataRoot, _device);
        var randomness = new Randomness(spec.Seed);
        var distiller = new Distiller(stream, spec.Ipc, spec.Distillation, context => UpdateRules.ByName[spec.Rule](spec.Rules, context), randomness, _device);
        var evaluator = new Evaluator(stream, spec.Evaluation, randomness, _device);
        _clock.Start();
        var set = _accuracies.Count == 0 ? null : SyntheticSet.Load(Run.SetPath(folder, _accuracies.Count - 1), _device);
        try
        {
            for (var domain = _accuracies.Count; domain < spec.Domains; domain++)
            {
                var next = Distill(distiller, domain, set, progress, cancellation);
                set?.Dispose();
                set = next;
                _accuracies.Add(Evaluate(evaluator, domain, set, progress, cancellation));
                Save(stream, domain, set);
                progress(Progress(domain, true, EpochsPerDomain, null) with { Average = Matrix().AverageAfter(domain) });
            }
        }
        finally
        {
            set?.Dispose();
        }
        AtomicFile.WriteText(Path.Combine(folder, Run.EnvironmentFile), JsonSerializer.Serialize(RunEnvironment.Current(_device, _clock.Elapsed.TotalSeconds), RunSpec.Json) + "\n");
    }

    private int EpochsPerDomain => spec.Evaluation.Epochs * spec.Evaluation.Networks;

    private SyntheticSet Distill(Distiller distiller, int domain, SyntheticSet? previous, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var every = Math.Max(1, spec.Distillation.Iterations / RecordsPerDomain);
        var start = (Seconds: _distilling, Clock: _clock.Elapsed.TotalSeconds);
        return distiller.Distill(domain, previous, record =>
        {
            if (record.Iteration % every == 0 || record.Iteration == spec.Distillation.Iterations - 1)
                _log.Add(record);
            (_distilling, _distilled) = (start.Seconds + _clock.Elapsed.TotalSeconds - start.Clock, _distilled + 1);
            progress(Progress(domain, false, record.Iteration + 1, record.Plastic));
        }, cancellation);
    }

    private IReadOnlyList<IReadOnlyList<double>> Evaluate(Evaluator evaluator, int domain, SyntheticSet set, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var start = (Seconds: _evaluating, Clock: _clock.Elapsed.TotalSeconds, Epochs: _evaluated);
        void Measure(int epochs) => (_evaluating, _evaluated) = (start.Seconds + _clock.Elapsed.TotalSeconds - start.Clock, start.Epochs + epochs);
        var accuracies = evaluator.Evaluate(domain, set, epochs =>
        {
            Measure(epochs);
            progress(Progress(domain, true, epochs, null));
        }, cancellation);
        Measure(EpochsPerDomain);
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
            JsonSerializer.Serialize(new RunAccuracy(stream.Domains, _accuracies, matrix.Average, matrix.Forgetting), RunSpec.Json) + "\n");
    }

    private AccuracyMatrix Matrix() => new(_accuracies.Select(networks => Enumerable.Range(0, spec.Domains).Select(k => networks.Average(n => n[k])).ToArray()));

    private RunProgress Progress(int domain, bool evaluating, int step, double? loss)
    {
        var iterations = domain * spec.Distillation.Iterations + (evaluating ? spec.Distillation.Iterations : step);
        var epochs = domain * EpochsPerDomain + (evaluating ? step : 0);
        double perIteration = _distilling / Math.Max(1, _distilled), perEpoch = _evaluated > 0 ? _evaluating / _evaluated : perIteration / 4;
        var remaining = (spec.Domains * spec.Distillation.Iterations - iterations) * perIteration + (spec.Domains * EpochsPerDomain - epochs) * perEpoch;
        var done = iterations * perIteration + epochs * perEpoch;
        return new RunProgress(
            domain, spec.Domains, evaluating, step, evaluating ? EpochsPerDomain : spec.Distillation.Iterations, loss, null,
            done + remaining > 0 ? done / (done + remaining) : 0, _distilled > 0 ? TimeSpan.FromSeconds(remaining) : null);
    }
}
