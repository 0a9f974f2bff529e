using DIDD.Data;

namespace DIDD.Networks;

/// <summary>
/// ResNet-18 (He et al. 2016) in its form for small images: a 3×3 stem without max-pooling, four stages of two basic blocks with 64, 128, 256
/// and 512 channels, the last three halving the image, convolutions without biases, global average pooling. Features are the 512 averages.
/// </summary>
internal sealed class ResNet18 : Network
{
    public static ArchitectureEntry Entry { get; } = new("resnet18", (settings, shape, classes, generator, device, trainable) => new ResNet18(settings.Norm, shape, classes, generator, device, trainable))
    {
        Row = 1,
        Refuses = (settings, _) => settings.Norm is Norm.Instance or Norm.Batch ? null : $"norm={settings.Norm.ToString().ToLowerInvariant()}: resnet18 has instance or batch",
    };

    private const int BlocksPerStage = 2;
    private const int Reduction = 8;

    private static readonly int[] Stages = [64, 128, 256, 512];

    private readonly Convolution _stem;
    private readonly List<Block> _blocks = [];
    private readonly List<Convolution> _convolutions = [];

    /// <exception cref="ArgumentException">Another norm, or images so small that an instance norm has one pixel to work on, and nothing passes.</exception>
    public ResNet18(Norm norm, ImageShape shape, int classes, Generator generator, Device? device = null, bool trainable = false)
    {
        if (norm is not (Norm.Instance or Norm.Batch))
            throw new ArgumentException($"ResNet-18 has an instance or a batch norm, not {norm}", nameof(norm));
        if (norm == Norm.Instance && shape.Height <= Reduction && shape.Width <= Reduction)
            throw new ArgumentException($"images of {shape.Height}×{shape.Width} are too small for ResNet-18 with an instance norm; take the batch norm", nameof(shape));
        device ??= CPU;
        Convolution Make(string convolution, string normalization, int from, int to, int size, int stride)
        {
            var kernel = Add($"{convolution}.weight", Uniform([to, from, size, size], (long)from * size * size, generator, device), trainable);
            var layer = new NormLayer(norm, to, 0, 0, device, (name, value) => Add($"{normalization}.{name}", value, trainable));
            _convolutions.Add(new Convolution(kernel, layer, stride, size / 2));
            return _convolutions[^1];
        }

        var channels = Stages[0];
        _stem = Make("conv1", "bn1", shape.Channels, channels, 3, 1);
        for (var stage = 0; stage < Stages.Length; stage++)
            for (var block = 0; block < BlocksPerStage; block++)
            {
                var (name, width, stride) = ($"layer{stage + 1}.{block}", Stages[stage], stage > 0 && block == 0 ? 2 : 1);
                _blocks.Add(new Block(
                    Make($"{name}.conv1", $"{name}.bn1", channels, width, 3, stride),
                    Make($"{name}.conv2", $"{name}.bn2", width, width, 3, 1),
                    stride == 1 && channels == width ? null : Make($"{name}.shortcut.0", $"{name}.shortcut.1", channels, width, 1, stride)));
                channels = width;
            }
        Add("classifier.weight", Uniform([classes, channels], channels, generator, device), trainable);
        Add("classifier.bias", Uniform([classes], channels, generator, device), trainable);
    }

    public override Tensor Features(Tensor images)
    {
        var x = F.relu(_stem.Apply(images, Training));
        foreach (var block in _blocks)
        {
            var inner = block.Second.Apply(F.relu(block.First.Apply(x, Training)), Training);
            x = F.relu(inner + (block.Shortcut?.Apply(x, Training) ?? x));
        }
        return x.mean([2, 3]);
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var convolution in _convolutions)
            convolution.Norm.Dispose();
    }

    private sealed record Convolution(Parameter Kernel, NormLayer Norm, int Stride, int Padding)
    {
        public Tensor Apply(Tensor x, bool training) => Norm.Apply(F.conv2d(x, Kernel, strides: [Stride, Stride], padding: [Padding, Padding]), training);
    }

    private sealed record Block(Convolution First, Convolution Second, Convolution? Shortcut);
}
