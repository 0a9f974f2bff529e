using F = TorchSharp.torch.nn.functional;

namespace DIDD.Benchmarking;

/// <summary>
/// How fast the library computes the convolutions of a network and nothing else: forward without gradient, on the CPU channels last, each layer at
/// the best of several batches, the layers weighted by their floating-point operations.
/// </summary>
internal sealed class ConvolutionPeak : IDisposable
{
    private const int Calls = 3;

    private readonly IReadOnlyList<Convolution> _convolutions;
    private readonly Device _device;
    private readonly List<(int Batch, Tensor Images, Tensor Kernel, long Padding)>[] _layers;

    public ConvolutionPeak(IReadOnlyList<Convolution> convolutions, Device device)
    {
        (_convolutions, _device) = (convolutions, device);
        int[] batches = device.type == TorchSharp.DeviceType.CUDA ? [256, 1024] : [16, 64];
        using var scope = NewDisposeScope();
        _layers = [.. convolutions.Select(layer => batches.Select(batch =>
        {
            // The layout [N,H,W,C] under the shape [N,C,H,W].
            var images = rand([batch, layer.Height, layer.Width, layer.Channels], device: device).permute(0, 3, 1, 2);
            var kernel = rand([layer.Filters, layer.Channels, 3, 3], device: device) - 0.5;
            return (batch, (images.is_cuda ? images.contiguous() : images).DetachFromDisposeScope(), kernel.DetachFromDisposeScope(), (long)layer.Padding);
        }).ToList())];
    }

    /// <summary>Measures once, in 10⁹ floating-point operations per second.</summary>
    public double Measure() => _convolutions.Sum(layer => layer.Flops) / _layers.Sum(batches => batches.Min(SecondsPerImage)) / 1e9;

    public void Dispose()
    {
        foreach (var (_, images, kernel, _) in _layers.SelectMany(batches => batches))
        {
            images.Dispose();
            kernel.Dispose();
        }
    }

    private double SecondsPerImage((int Batch, Tensor Images, Tensor Kernel, long Padding) layer)
    {
        using var noGradient = no_grad();
        var best = double.MaxValue;
        for (var call = 0; call < Calls; call++)
        {
            var clock = Stopwatch.StartNew();
            using (F.conv2d(layer.Images, layer.Kernel, padding: [layer.Padding, layer.Padding]))
                Bench.Wait(_device);
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return best / layer.Batch;
    }
}
