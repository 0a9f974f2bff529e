using System.Diagnostics;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Experiments;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Benchmarking;

/// <summary>Times the evaluation of a set by the clean protocol, over fewer epochs and test images than the spec has.</summary>
/// <param name="spec">A valid spec.</param>
/// <param name="stream">Its domains.</param>
/// <param name="device">Where to compute.</param>
public sealed class EvaluationBench(RunSpec spec, DomainStream stream, Device device)
{
    private const int Epochs = 10, LargestTest = 1000;

    /// <summary>Warms up, then times.</summary>
    /// <param name="repetitions">How often, at least 1; medians are reported.</param>
    /// <param name="progress">Takes a line for every repetition.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    public EvaluationReport Measure(int repetitions, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        var (domain, formation) = (spec.Domains - 1, new MultiFormation(spec.Distillation.Factor, stream.Shape));
        var real = new RealBatches(stream.Train(domain), new Randomness(spec.Seed), domain, 1);
        using var start = real.Initial(spec.Ipc * formation.Tiles).to(device);
        using var set = new SyntheticSet(formation.Mix(start), spec.Distillation.Factor);
        // Of all domains; sets may differ in size.
        long Tested(int given) => Enumerable.Range(0, stream.Domains.Count).Sum(k => given == 0 ? stream.Test(k).Count : Math.Min(given, stream.Test(k).Count));
        var settings = spec.Evaluation with
        {
            Protocol = Protocol.Clean,
            Epochs = Math.Min(spec.Evaluation.Epochs, Epochs),
            TestImages = spec.Evaluation.TestImages == 0 ? LargestTest : Math.Min(spec.Evaluation.TestImages, LargestTest),
        };
        progress?.Invoke("warms up the evaluation");
        Time(settings with { Epochs = 1, TestImages = stream.Classes.Count }, set, cancellation);
        var times = new List<(double Training, double Test)>();
        for (var i = 0; i < repetitions; i++)
        {
            progress?.Invoke($"evaluation {i + 1} of {repetitions}");
            times.Add(Time(settings, set, cancellation));
        }
        var perEpoch = IterationBench.Median([.. times.Select(t => t.Training)]) / (settings.Epochs * settings.Networks);
        var perSecond = Tested(settings.TestImages) * settings.Networks / IterationBench.Median([.. times.Select(t => t.Test)]);
        var whole = (double)spec.Evaluation.Networks * (spec.Evaluation.Epochs * perEpoch + Tested(spec.Evaluation.TestImages) / perSecond);
        return new EvaluationReport(settings.Networks, (long)set.Classes * set.Ipc * formation.Tiles, perEpoch, perSecond, whole);
    }

    // Training ends with the last epoch, and the tests follow.
    private (double Training, double Test) Time(EvaluationSettings settings, SyntheticSet set, CancellationToken cancellation)
    {
        using var evaluator = new Evaluator(stream, settings, new Randomness(spec.Seed), device);
        var clock = Stopwatch.StartNew();
        var trained = TimeSpan.Zero;
        evaluator.Evaluate(
            spec.Domains - 1, set,
            _ =>
            {
                DeviceClock.Wait(device);
                trained = clock.Elapsed;
            },
            cancellation);
        return (trained.TotalSeconds, (clock.Elapsed - trained).TotalSeconds);
    }
}
