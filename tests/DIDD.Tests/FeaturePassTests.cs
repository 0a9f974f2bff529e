using DIDD.Data;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>The fast pass through a network against automatic differentiation of its plain definition.</summary>
public class FeaturePassTests
{
    public static TheoryData<int, int, int, int, int> Sizes => new() { { 1, 28, 28, 16, 3 }, { 3, 32, 32, 32, 3 }, { 1, 9, 14, 16, 2 }, { 3, 11, 7, 48, 2 }, { 2, 8, 8, 16, 1 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void FeaturesAndGradientsOfImagesAndWeights_AreThoseOfThePlainDefinition(int channels, int height, int width, int networkWidth, int depth)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = Affine(new ConvNet(new ConvNetSettings(networkWidth, depth), new ImageShape(channels, height, width), 4, generator, trainable: true), generator);
        var images = (randn([5, channels, height, width], generator: generator) + 2).requires_grad_();
        var expected = network.Features(images);
        var vectors = randn([2, .. expected.shape], generator: generator);

        var pass = network.Pass(images);
        Assert.Equal("ChannelsLastPass", pass.GetType().Name);
        Near(expected, pass.Features, "features");
        Near(expected, network.Embed(images), "features without a gradient");
        var found = pass.ToImages(vectors);
        for (var k = 0; k < 2; k++)
            Near(autograd.grad([expected], [images], [vectors[k]], retain_graph: true)[0], found[k], $"gradient of the images, vector {k}");
        pass.ToWeights(vectors[0]);
        network.Pass(images).ToWeights(vectors[1]);
        var names = network.Weights.Keys.Where(name => !name.StartsWith("classifier", StringComparison.Ordinal)).ToList();
        var gradients = autograd.grad([expected], [.. names.Select(name => (Tensor)network.Weights[name])], [vectors.sum([0])]);
        foreach (var (name, gradient) in names.Zip(gradients))
            Near(gradient, network.Weights[name].grad!, name, gradients.Max(g => g.abs().max().item<float>()));
    }

    [Fact]
    public void PassInParts_GivesTheSameFeaturesAndGradientsOfImages_WithEveryPartBelow2GiB()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new ConvNet(new ConvNetSettings(16), new ImageShape(3, 32, 32), 4, generator);
        var images = rand([7, 3, 32, 32], generator: generator);
        var (whole, parts) = (network.Pass(images), PassInParts.Of(images, 3, part => network.Pass(part)));
        var vectors = randn([2, .. whole.Features.shape], generator: generator);
        Assert.True(whole.Features.Equals(parts.Features));
        Assert.True(whole.ToImages(vectors).Equals(parts.ToImages(vectors)));
        const long block = 128L * 64 * 64 * sizeof(float);
        Assert.InRange(2 * ConvNet.FastImages(block) * (block / 4), int.MaxValue - block, int.MaxValue);
    }

    [Fact]
    public void ThreadsAndBatches_DoNotChangeTheFeatures()
    {
        var threads = get_num_threads();
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new ConvNet(new ConvNetSettings(16), new ImageShape(1, 28, 28), 4, generator);
        var images = rand([70, 1, 28, 28], generator: generator);
        try
        {
            set_num_threads(1);
            var one = NormReluPool.Forward(images.view(70, 7, 7, 16), ones(16), zeros(16)).Pooled;
            set_num_threads(3);
            Assert.True(NormReluPool.Forward(images.view(70, 7, 7, 16), ones(16), zeros(16)).Pooled.Equals(one));
        }
        finally
        {
            set_num_threads(threads);
        }
        Near(network.Embed(images), cat([network.Embed(images[..33]), network.Embed(images[33..])]), "features in two batches");
    }

    // bfloat16 has 8 significant bits: some 2⁻⁸ of the feature's size in each, and not nothing, or it was not used.
    [Theory]
    [InlineData(Norm.Instance, 16)]
    [InlineData(Norm.Instance, 12)]
    [InlineData(Norm.Group, 16)]
    public void TargetsInBfloat16_AreNearThoseInFull(Norm norm, int width)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new ConvNet(new ConvNetSettings(width, 3, norm), new ImageShape(1, 28, 28), 4, generator);
        var images = rand([40, 1, 28, 28], generator: generator);
        var (full, rounded) = (network.Embed(images), network.Embed(images, precision: TargetPrecision.Bfloat16));
        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.InRange(((rounded - full).norm() / full.norm()).item<float>(), 1e-4, 2e-2);
    }

    [Fact]
    public void AnImageOfOneColour_StaysFinite()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new ConvNet(new ConvNetSettings(16), new ImageShape(1, 28, 28), 4, generator);
        var pass = network.Pass(full([2, 1, 28, 28], 1e4f));
        Assert.True(pass.Features.isfinite().all().item<bool>());
        Assert.True(pass.ToImages(ones([1, .. pass.Features.shape])).isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData(Norm.Batch, 16)]
    [InlineData(Norm.Instance, 12)]
    public void WhatTheFastPassDoesNotCover_IsDifferentiatedAutomatically(Norm norm, int width)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new ConvNet(new ConvNetSettings(width, 2, norm), new ImageShape(1, 12, 12), 4, generator, trainable: true);
        var images = rand([3, 1, 12, 12], generator: generator).requires_grad_();
        var expected = network.Features(images);
        var pass = network.Pass(images);
        Near(autograd.grad([expected], [images], [ones_like(expected)], retain_graph: true)[0], pass.ToImages(ones([1, .. expected.shape]))[0], "gradient of the images");
        pass.ToWeights(ones_like(expected));
        Near(autograd.grad([expected], [network.Weights["layers.conv.0.weight"]], [ones_like(expected)])[0], network.Weights["layers.conv.0.weight"].grad!, "gradient of a kernel");
    }

    // A network whose norms scale and shift, as after some training.
    private static ConvNet Affine(ConvNet network, Generator generator)
    {
        using var noGradient = no_grad();
        foreach (var (name, weight) in network.Weights.Where(weight => weight.Key.Contains("norm", StringComparison.Ordinal)))
            weight.add_(randn(weight.shape, generator: generator) * 0.3);
        return network;
    }

    private static void Near(Tensor expected, Tensor found, string what, double? scale = null)
    {
        Assert.Equal(expected.shape, found.shape);
        var error = (expected - found).abs().max().item<float>();
        Assert.True(error <= 2e-5 * (scale ?? expected.abs().max().item<float>()), $"{what}: off by {error} of {expected.abs().max().item<float>()}");
    }
}
