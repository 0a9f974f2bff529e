using BenchmarkDotNet.Attributes;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Rules;
using static TorchSharp.torch;

namespace DIDD.Benchmarks;

/// <summary>Adam on α and β of one iteration: the replay of the steps that a tile takes at the other classes' turns.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class RateBenchmark
{
    private const int Ipc = 10, Tiles = 4;

    private RateOptimizer _rates = null!;
    private Tensor _innerProducts = null!;

    /// <summary>Number of classes; the replay takes as many steps.</summary>
    [Params(10, 50)]
    public int Classes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _rates = new RateOptimizer(
            new AsymmetricSettings(), new RuleContext(Classes, Ipc, new ImageShape(1, 28, 28), 2, 1, Schedule.ClassSequential, new ClassShard(0, Classes), CPU));
        _innerProducts = rand(2, Classes * Ipc * Tiles) - 0.5;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _rates.Dispose();
        _innerProducts.Dispose();
    }

    [Benchmark]
    public void Iteration()
    {
        using var noGradient = no_grad();
        _rates.Begin();
        _rates.Step(_innerProducts);
        _rates.End();
    }
}
