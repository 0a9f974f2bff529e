using DIDD.Data;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class NetworkTests
{
    private static readonly ImageShape Grey = new(1, 28, 28), Colour = new(3, 32, 32);

    [Theory]
    [InlineData("convnet", 64)]
    [InlineData("resnet18", 512)]
    [InlineData("mlp", 4)]
    public void EveryArchitecture_GivesFeaturesAndScoresAndTakesGradientsEverywhere(string architecture, int features)
    {
        foreach (var shape in (ImageShape[])[Grey, Colour])
        {
            using var scope = NewDisposeScope();
            using var network = Create(architecture, new ConvNetSettings(4), shape, trainable: true);
            var images = Random(2, shape).requires_grad_();
            var found = network.Features(images);
            Assert.Equal([2, features], found.shape);
            var logits = network.Logits(found);
            Assert.Equal([2, 5], logits.shape);
            logits.square().sum().backward();
            Assert.All(network.Weights, weight => Assert.True(weight.Value.grad is { } gradient && gradient.abs().sum().item<float>() > 0, weight.Key));
            Assert.True(images.grad!.abs().sum().item<float>() > 0);
        }
    }

    [Fact]
    public void ResNet18_HasThePublishedNumberOfParameters()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        using var network = new ResNet18(Norm.Batch, Colour, 10, generator);
        Assert.Equal(11_173_962, network.Weights.Values.Sum(weight => weight.NumberOfElements));
        Assert.DoesNotContain(network.Weights.Keys, name => name.Contains("conv", StringComparison.Ordinal) && name.EndsWith("bias", StringComparison.Ordinal));
    }

    [Fact]
    public void ResNet18_RefusesOtherNormsAndImagesOfWhichAnInstanceNormLeavesNothing()
    {
        using var generator = new Generator(1, CPU);
        Assert.Contains("8×8", Assert.Throws<ArgumentException>(() => new ResNet18(Norm.Instance, new ImageShape(1, 8, 8), 10, generator)).Message, StringComparison.Ordinal);
        Assert.Contains("Layer", Assert.Throws<ArgumentException>(() => new ResNet18(Norm.Layer, Grey, 10, generator)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("convnet")]
    [InlineData("resnet18")]
    public void BatchNorm_InUseTakesItsRunningStatisticsNotTheBatchs(string architecture)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Create(architecture, new ConvNetSettings(4, Norm: Norm.Batch), Grey, trainable: false);
        var images = Random(6, Grey);
        network.Training = false;
        var untrained = network.Features(images[..2]).clone();
        network.Training = true;
        var (inBatchOfTwo, inBatchOfSix) = (network.Features(images[..2]), network.Features(images)[..2]);
        Assert.False(inBatchOfTwo.allclose(inBatchOfSix), "in training an image's features depend on its batch");
        network.Training = false;
        Assert.True(network.Features(images[..2]).allclose(network.Features(images)[..2], 1e-4, 1e-5), "in use they do not");
        Assert.False(network.Features(images[..2]).allclose(untrained), "the running statistics follow the batches of the training");
    }

    [Theory]
    [InlineData("convnet")]
    [InlineData("resnet18")]
    [InlineData("mlp")]
    public void SameAddress_GivesTheSameWeightsWithinTheDefaultBounds(string architecture)
    {
        using var scope = NewDisposeScope();
        using var first = Create(architecture, new ConvNetSettings(4), Grey, trainable: false);
        using var second = Create(architecture, new ConvNetSettings(4), Grey, trainable: false);
        Assert.All(first.Weights, weight => Assert.True(weight.Value.Equals(second.Weights[weight.Key]), weight.Key));
        var classifier = first.Weights["classifier.weight"];
        var bound = 1 / Math.Sqrt(classifier.shape[1]);
        Assert.InRange(classifier.abs().max().item<float>(), 0.5 * bound, bound);
    }

    [Theory]
    [InlineData(8, 4)]
    [InlineData(32, 128)]
    [InlineData(224, 128)]
    public void ImagesAtATime_AreBoundedByTheirBytesOnAGpu(int side, int width)
    {
        using var network = Create("convnet", new ConvNetSettings(width), new ImageShape(3, side, side), trainable: false);
        Assert.InRange((long)network.ImagesAtATime(gpu: true) * width * side * side * sizeof(float), 1, 2L << 30);
    }

    // Channels that do not fill the blocks of oneDNN, and the same in 64 bits, which libtorch convolves without it.
    [Theory]
    [InlineData(3, 8, 32)]
    [InlineData(7, 16, 14)]
    [InlineData(20, 33, 28)]
    [InlineData(33, 5, 7)]
    public void Convolutions_AreRightOnThisProcessor(int channels, int kernels, int side)
    {
        using var scope = NewDisposeScope();
        using var network = Create("convnet", new ConvNetSettings(4), Grey, trainable: false);
        using var generator = new Generator(6, CPU);
        var (images, weights) = (randn([5, channels, side, side], generator: generator), randn([kernels, channels, 3, 3], generator: generator));
        Tensor[] Computed(ScalarType type)
        {
            var (x, w) = (images.to(type).requires_grad_(), weights.to(type).requires_grad_());
            var y = nn.functional.conv2d(x, w, padding: [1, 1]);
            return [y, .. autograd.grad([y.square().sum()], [x, w]), nn.functional.conv_transpose2d(y.detach(), w.detach(), padding: [1, 1])];
        }
        foreach (var (expected, found) in Computed(ScalarType.Float64).Zip(Computed(ScalarType.Float32)))
            Assert.InRange((found.to(ScalarType.Float64) - expected).norm().item<double>() / expected.norm().item<double>(), 0, 1e-5);
    }

    private static Network Create(string architecture, ConvNetSettings settings, ImageShape shape, bool trainable)
    {
        using var generator = new Generator(3, CPU);
        return ArchitectureEntry.ByName[architecture].Create(settings, shape, 5, generator, CPU, trainable);
    }

    private static Tensor Random(int count, ImageShape shape)
    {
        using var generator = new Generator(4, CPU);
        return rand([count, shape.Channels, shape.Height, shape.Width], generator: generator);
    }
}
