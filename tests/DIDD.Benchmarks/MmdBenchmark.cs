using BenchmarkDotNet.Attributes;
using DIDD.Matching;
using static TorchSharp.torch;

namespace DIDD.Benchmarks;

/// <summary>L_plastic of ten classes and its gradient: 128 real features a class, of 2048 numbers each.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class MmdBenchmark
{
    private readonly GaussianKernel _kernel = new();
    private Tensor _synthetic = null!;
    private Tensor _target = null!;

    /// <summary>Stored images per class; each decodes to four.</summary>
    [Params(1, 10, 20)]
    public int Ipc { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _synthetic = rand(10, 4 * Ipc, 2048).requires_grad_();
        _target = rand(10, 128, 2048);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _synthetic.Dispose();
        _target.Dispose();
    }

    [Benchmark]
    public void LossesAndGradient()
    {
        using var scope = NewDisposeScope();
        autograd.grad([_kernel.Mmd(_synthetic, _target).sum()], [_synthetic]);
    }
}
