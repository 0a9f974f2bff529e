using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>A network in double precision without kinks, so that finite differences are exact to many digits.</summary>
internal sealed class SmoothNetwork : Network
{
    private const int Width = 4;

    // Small enough that tanh does not saturate.
    private const double Scale = 0.15;

    public SmoothNetwork(int channels, int classes, Generator generator, bool trainable = false, int size = 4)
    {
        var side = (size - 3) / 2 + 1;
        Tensor Random(params long[] shape) => randn(shape, dtype: ScalarType.Float64, generator: generator) * Scale;
        Add("kernel", Random(Width, channels, 3, 3), trainable);
        Add("classifier.weight", Random(classes, Width * side * side), trainable);
        Add("classifier.bias", Random(classes), trainable);
    }

    public override Tensor Features(Tensor images) => nn.functional.conv2d(images, Weights["kernel"], strides: [2, 2]).tanh().flatten(1);
}
