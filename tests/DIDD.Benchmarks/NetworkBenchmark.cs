using BenchmarkDotNet.Attributes;
using DIDD.Data;
using DIDD.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Benchmarks;

/// <summary>64 images through the paper's ConvNet-3 without and with gradient, and what follows the first convolution: the fast way against the plain definition.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class NetworkBenchmark
{
    private const int Images = 64, Width = 128, Side = 32;

    private readonly ConvNet _network;
    private readonly Tensor _images = rand(Images, 1, 28, 28);
    private readonly Tensor _convolved = rand(Images, Side, Side, Width);
    private readonly Tensor _scale = ones(Width);
    private readonly Tensor _shift = zeros(Width);

    public NetworkBenchmark()
    {
        using var generator = new Generator(0, CPU);
        _network = new ConvNet(new ConvNetSettings(Width), new ImageShape(1, 28, 28), 10, generator);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _network.Dispose();
        foreach (var tensor in (Tensor[])[_images, _convolved, _scale, _shift])
            tensor.Dispose();
    }

    [Benchmark(Description = "features, plain definition")]
    public void PlainFeatures()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        _network.Features(_images);
    }

    [Benchmark(Description = "features, Network.Embed")]
    public void Targets()
    {
        using var scope = NewDisposeScope();
        _network.Embed(_images);
    }

    [Benchmark(Description = "features and gradient, plain definition")]
    public void PlainGradient()
    {
        using var scope = NewDisposeScope();
        var images = _images.detach().requires_grad_();
        autograd.grad([_network.Features(images).sum()], [images]);
    }

    [Benchmark(Description = "features and gradient, Network.Pass")]
    public void Pass()
    {
        using var scope = NewDisposeScope();
        var pass = _network.Pass(_images);
        pass.ToImages(ones([1, .. pass.Features.shape]));
    }

    [Benchmark(Description = "norm, ReLU, pooling: plain definition")]
    public void PlainNormReluPool()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        F.avg_pool2d(F.relu(F.group_norm(_convolved.permute(0, 3, 1, 2), Width, _scale, _shift)), 2);
    }

    [Benchmark(Description = "norm, ReLU, pooling: NormReluPool")]
    public void FusedNormReluPool()
    {
        using var scope = NewDisposeScope();
        NormReluPool.Forward(_convolved, _scale, _shift);
    }
}
