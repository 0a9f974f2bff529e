using BenchmarkDotNet.Attributes;
using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Benchmarks;

/// <summary>What happens to images before the network: decoding of the stored ones, augmentation of the real ones; ten classes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class ImageBenchmark
{
    private static readonly ImageShape Shape = new(1, 28, 28);

    private readonly MultiFormation _formation = new(2, Shape);
    private readonly DiffAugment _augment = new("color_crop_cutout");
    private readonly AugmentationDraw _draw;
    private readonly Tensor _stored = rand([10, 10, 1, 28, 28]);
    private readonly Tensor _real = rand([10, 128, 1, 28, 28]);

    public ImageBenchmark() => _draw = _augment.Draw(Enumerable.Range(0, 10).Select(c => new RandomStream((ulong)c)), Shape, CPU);

    [GlobalCleanup]
    public void Cleanup()
    {
        _stored.Dispose();
        _real.Dispose();
    }

    [Benchmark(Description = "multi-formation: 100 stored images to 400")]
    public void Decode()
    {
        using var scope = NewDisposeScope();
        _formation.Decode(_stored);
    }

    [Benchmark(Description = "multi-formation, with the gradient back")]
    public void DecodeAndBack()
    {
        using var scope = NewDisposeScope();
        var stored = _stored.detach().requires_grad_();
        autograd.grad([_formation.Decode(stored).sum()], [stored]);
    }

    [Benchmark(Description = "augmentation of 1,280 images")]
    public void Augment()
    {
        using var scope = NewDisposeScope();
        _augment.Apply(_real, _draw);
    }
}
