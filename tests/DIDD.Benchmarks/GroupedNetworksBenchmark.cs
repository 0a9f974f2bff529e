using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Benchmarks;

/// <summary>Forward and backward of several networks of an evaluation, the convolutions of ConvNet-3 and what follows them: one network after another, and all at once as grouped convolutions.</summary>
public class GroupedNetworksBenchmark
{
    private const int Images = 128, Blocks = 3;

    private readonly List<Tensor[]> _apart = [];
    private Tensor[] _together = [];
    private Tensor _images = zeros(0);

    [Params(16, 32, 128)]
    public int Width { get; set; }

    [Params(3, 5)]
    public int Networks { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _images = rand(Images, 1, 32, 32);
        _apart.AddRange(Enumerable.Range(0, Networks).Select(_ => Enumerable.Range(0, Blocks).Select(block => Weight(1, block)).ToArray()));
        _together = [.. Enumerable.Range(0, Blocks).Select(block => Weight(Networks, block))];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var tensor in _apart.SelectMany(network => network).Concat(_together).Append(_images))
            tensor.Dispose();
        _apart.Clear();
    }

    [Benchmark(Description = "one network after another", Baseline = true)]
    public void Apart()
    {
        foreach (var network in _apart)
        {
            using var scope = NewDisposeScope();
            Step(network, _images, 1);
        }
    }

    [Benchmark(Description = "grouped convolutions")]
    public void Together()
    {
        using var scope = NewDisposeScope();
        Step(_together, _images.repeat(1, Networks, 1, 1), Networks);
    }

    private Tensor Weight(int networks, int block) => (0.05 * randn(networks * Width, block == 0 ? 1 : Width, 3, 3)).requires_grad_();

    private static void Step(Tensor[] weights, Tensor images, int groups) => autograd.grad(
        [weights.Aggregate(images, (x, weight) => F.avg_pool2d(F.group_norm(F.conv2d(x, weight, padding: [1, 1], groups: groups), weight.shape[0]).relu_(), 2)).sum()], weights);
}
