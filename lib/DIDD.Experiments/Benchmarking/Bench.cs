namespace DIDD.Benchmarking;

/// <summary>Measures one setting: iterations of the distillation, and the evaluation by the clean protocol, over fewer epochs and test images than the spec has.</summary>
/// <param name="spec">A valid spec.</param>
/// <param name="classes">Take the first that many classes of the data set; null for all.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Bench(RunSpec spec, int? classes = null, string? dataRoot = null, Device? device = null)
{
    private const int LargestRepetitions = 3, Epochs = 10, LargestTest = 1000;

    private readonly Device _device = device ?? CPU;

    /// <summary>Measures.</summary>
    /// <param name="iterations">Timed iterations of every variant, at least 1; the evaluation is repeated as often, at most three times.</param>
    /// <param name="withLoop">Whether to time the literal loop too.</param>
    /// <param name="authors">Milliseconds of the authors' loop by rule, measured elsewhere.</param>
    /// <param name="progress">Takes a line for every step.</param>
    /// <param name="cancellation">Stops between two iterations or epochs.</param>
    /// <exception cref="SpecException">The setting cannot be measured.</exception>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded.</exception>
    public BenchReport Measure(
        int iterations, bool withLoop, IReadOnlyDictionary<string, double> authors, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        if (iterations < 1)
            throw new SpecException($"iterations={iterations}: must be at least 1");
        var clock = Stopwatch.StartNew();
        using var stream = Open();
        using var bench = new IterationBench(spec, stream, withLoop, _device);
        var (variants, peak) = bench.Measure(iterations, authors, progress, cancellation);
        var evaluation = Evaluate(stream, Math.Min(iterations, LargestRepetitions), progress, cancellation);
        return new BenchReport(
            RunEnvironment.Current(_device, clock.Elapsed.TotalSeconds), spec, stream.Classes.Count, iterations, bench.FlopsPerImage / 1e6, peak, variants, evaluation);
    }

    /// <summary>Waits for a device, so that what was given to it counts in the time that is read next.</summary>
    internal static void Wait(Device device)
    {
        if (device.type == TorchSharp.DeviceType.CUDA)
            cuda.synchronize();
    }

    /// <summary>The lower median of at least one value.</summary>
    internal static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt((values.Count - 1) / 2);

    private DomainStream Open()
    {
        var stream = Streams.Open(spec, dataRoot, _device);
        if (classes is null || classes == stream.Classes.Count)
            return stream;
        var all = stream.Classes.Count;
        if (classes >= 1 && classes < all)
            return new SelectedStream(stream, [.. Enumerable.Range(0, stream.Domains.Count)], [.. Enumerable.Range(0, classes.Value)], 0, new Randomness(0));
        stream.Dispose();
        throw new SpecException($"classes={classes}: {spec.Dataset} has {all}; choose from 1 to {all}");
    }

    private EvaluationReport Evaluate(DomainStream stream, int repetitions, Action<string>? progress, CancellationToken cancellation)
    {
        var (domain, formation) = (spec.Domains - 1, new MultiFormation(spec.Distillation.Factor, stream.Shape));
        var real = new RealBatches(stream.Train(domain), new Randomness(spec.Seed), domain, 1);
        using var start = real.Initial(spec.Ipc * formation.Tiles).to(_device);
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
        Time(settings with { Epochs = 1, TestImages = stream.Classes.Count });
        var times = new List<(double Training, double Test)>();
        for (var i = 0; i < repetitions; i++)
        {
            progress?.Invoke($"evaluation {i + 1} of {repetitions}");
            times.Add(Time(settings));
        }
        var perEpoch = Median([.. times.Select(t => t.Training)]) / (settings.Epochs * settings.Networks);
        var perSecond = Tested(settings.TestImages) * settings.Networks / Median([.. times.Select(t => t.Test)]);
        var whole = (double)spec.Evaluation.Networks * (spec.Evaluation.Epochs * perEpoch + Tested(spec.Evaluation.TestImages) / perSecond);
        return new EvaluationReport(settings.Networks, (long)set.Classes * set.Ipc * formation.Tiles, perEpoch, perSecond, whole);

        // Training ends with the last epoch, and the tests follow.
        (double Training, double Test) Time(EvaluationSettings timed)
        {
            var (clock, trained) = (Stopwatch.StartNew(), TimeSpan.Zero);
            using var evaluator = new Evaluator(stream, timed, new Randomness(spec.Seed), _device);
            evaluator.Evaluate(domain, set, _ =>
            {
                Wait(_device);
                trained = clock.Elapsed;
            }, cancellation);
            return (trained.TotalSeconds, (clock.Elapsed - trained).TotalSeconds);
        }
    }
}
