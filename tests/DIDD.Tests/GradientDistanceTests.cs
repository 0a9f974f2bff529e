using DIDD.Matching;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class GradientDistanceTests
{
    private const int Channels = 2, Classes = 3, Size = 4, Count = 5;

    [Fact]
    public void SecondOrderGradient_EqualsFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var setting = new Setting();
        var images = setting.Images.clone().requires_grad_();
        var gradient = autograd.grad([setting.Distance(images)], [images])[0].data<double>().ToArray();
        const double step = 1e-5;
        var differences = new double[gradient.Length];
        for (var i = 0; i < gradient.Length; i++)
        {
            double At(double shift)
            {
                using var pixel = NewDisposeScope();
                var moved = setting.Images.clone();
                moved.view(-1)[i] += shift;
                return setting.Distance(moved).item<double>();
            }
            differences[i] = (At(step) - At(-step)) / (2 * step);
        }
        var (error, norm) = (Math.Sqrt(gradient.Zip(differences, (g, d) => (g - d) * (g - d)).Sum()), Math.Sqrt(differences.Sum(d => d * d)));
        Assert.True(norm > 1e-3, $"the gradient vanishes: {norm}");
        Assert.True(error < 1e-6 * norm, $"relative error {error / norm:E2}");
    }

    [Fact]
    public void Distance_IsTheSumOverOutputRowsOfOneMinusTheCosine()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2, CPU);
        Tensor[] Random() => [randn([4, 2, 3, 3], dtype: ScalarType.Float64, generator: generator), randn([3, 4], dtype: ScalarType.Float64, generator: generator)];
        var (synthetic, target) = (Random(), Random());
        var expected = 0.0;
        foreach (var (s, t) in synthetic.Zip(target))
        {
            var (rowsOfS, rowsOfT) = (Rows(s), Rows(t));
            for (var row = 0; row < rowsOfS.Length; row++)
            {
                double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
                expected += 1 - Dot(rowsOfS[row], rowsOfT[row]) / (Math.Sqrt(Dot(rowsOfS[row], rowsOfS[row])) * Math.Sqrt(Dot(rowsOfT[row], rowsOfT[row])));
            }
        }
        double Between(IEnumerable<Tensor> s, IEnumerable<Tensor> t) => GradientDistance.Between([.. s.Select(each => each.unsqueeze(0))], [.. t.Select(each => each.unsqueeze(0))]).item<double>();
        Assert.Equal(expected, Between(synthetic, target), 5);
        Assert.Equal(0, Between(synthetic, synthetic), 5);
        Assert.Equal(2 * (4 + 3), Between(synthetic, synthetic.Select(s => -s)), 5);
    }

    [Fact]
    public void Biases_AreLeftOut()
    {
        using var scope = NewDisposeScope();
        using var setting = new Setting();
        Assert.Equal([[4, Channels, 3, 3], [Classes, 4]], setting.Gradients(setting.Images).Select(gradient => gradient.shape));
    }

    [Fact]
    public void WhatWouldFailInsideTheBackward_IsRefusedBefore()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0, CPU);
        using var trainable = new SmoothNetwork(Channels, Classes, generator, trainable: true);
        using var frozen = new SmoothNetwork(Channels, Classes, generator);
        var (images, labels) = (rand([2, Channels, Size, Size], dtype: ScalarType.Float64), zeros(2, dtype: ScalarType.Int64));
        Assert.Throws<ArgumentException>(() => GradientDistance.Gradients(trainable, images, labels.narrow(0, 0, 1), true));
        Assert.Throws<ArgumentException>(() => GradientDistance.Gradients(frozen, images, labels, true));
        Assert.Throws<ArgumentException>(() => GradientDistance.Between([ones(1, 2, 3)], [ones(1, 3, 2)]));
        Assert.Throws<ArgumentException>(() => GradientDistance.Between([ones(1, 2, 3)], []));
    }

    private static double[][] Rows(Tensor gradient) => gradient.flatten(1).data<double>().ToArray().Chunk((int)(gradient.numel() / gradient.shape[0])).ToArray();

    /// <summary>A smooth network, synthetic images, and the gradients of other images as the target.</summary>
    private sealed class Setting : IDisposable
    {
        private readonly Generator _generator = new(11, CPU);
        private readonly SmoothNetwork _network;
        private readonly Tensor _labels = tensor(Enumerable.Range(0, Count).Select(i => (long)i % Classes).ToArray());
        private readonly IReadOnlyList<Tensor> _target;

        public Setting()
        {
            _network = new SmoothNetwork(Channels, Classes, _generator, trainable: true);
            Images = Random();
            _target = GradientDistance.Gradients(_network, Random(), _labels, differentiable: false);
        }

        public Tensor Images { get; }

        public IReadOnlyList<Tensor> Gradients(Tensor images) => GradientDistance.Gradients(_network, images, _labels, differentiable: true);

        public Tensor Distance(Tensor images) => GradientDistance.Between([.. Gradients(images).Select(weight => weight.unsqueeze(0))], [.. _target.Select(weight => weight.unsqueeze(0))]).sum();

        public void Dispose()
        {
            _network.Dispose();
            _generator.Dispose();
        }

        private Tensor Random() => rand([Count, Channels, Size, Size], dtype: ScalarType.Float64, generator: _generator);
    }
}
