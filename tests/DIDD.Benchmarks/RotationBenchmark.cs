using BenchmarkDotNet.Attributes;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Benchmarks;

/// <summary>Digits of a domain of R-MNIST, gathered from the upright ones: a distillation batch, and a test batch.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class RotationBenchmark
{
    private RotatedMnist _stream = null!;
    private DomainSet _set = null!;
    private Tensor _indices = null!;

    /// <summary>Images gathered.</summary>
    [Params(1000, 1280)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _stream = new RotatedMnist(Mnist.Load(DataFolder.Find("mnist")), RotatedMnist.Sectors(20, new Randomness(0)));
        _set = _stream.Train(7);
        using var generator = new Generator(0, CPU);
        _indices = randint(_set.Count, [Count], ScalarType.Int64, generator: generator);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _indices.Dispose();
        _stream.Dispose();
    }

    [Benchmark]
    public void Images()
    {
        using var scope = NewDisposeScope();
        _set.Images(_indices);
    }
}
