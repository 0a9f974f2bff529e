using System.Diagnostics;
using DIDD.Data;
using DIDD.Experiments;
using static TorchSharp.torch;

namespace DIDD.Benchmarking;

/// <summary>Measures one setting: iterations of the distillation, and the evaluation.</summary>
/// <param name="spec">A valid spec.</param>
/// <param name="classes">Take the first that many classes of the data set; null for all.</param>
/// <param name="dataRoot">A folder of data sets that goes before all others, or null.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Bench(RunSpec spec, int? classes = null, string? dataRoot = null, Device? device = null)
{
    private const int LargestRepetitions = 3;

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
        var evaluation = new EvaluationBench(spec, stream, _device).Measure(Math.Min(iterations, LargestRepetitions), progress, cancellation);
        return new BenchReport(
            RunEnvironment.Current(_device, clock.Elapsed.TotalSeconds), spec, stream.Classes.Count, iterations, bench.FlopsPerImage / 1e6, peak, variants, evaluation);
    }

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
}
