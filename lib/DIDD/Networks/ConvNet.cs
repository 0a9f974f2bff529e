using System.Numerics;
using DIDD.Data;

namespace DIDD.Networks;

/// <summary>Size of a <see cref="ConvNet"/>. The paper's ConvNet-3 has width 128, depth 3 and instance norm.</summary>
/// <param name="Width">Channels of every block, at least 1.</param>
/// <param name="Depth">Number of blocks, at least 1.</param>
/// <param name="Norm">Normalisation layer.</param>
public sealed record ConvNetSettings([property: Range(1, int.MaxValue)] int Width = 128, [property: Range(1, int.MaxValue)] int Depth = 3, Norm Norm = Norm.Instance);

/// <summary>Kind of a network's normalisation layers.</summary>
public enum Norm
{
    /// <summary>Per image and channel, affine (a group norm of as many groups as channels).</summary>
    Instance,

    /// <summary>Per channel over the batch, affine, running statistics for use.</summary>
    Batch,

    /// <summary>Per image over channels and pixels, affine per element.</summary>
    Layer,

    /// <summary>Per image over each of four groups of channels, affine.</summary>
    Group,

    /// <summary>None.</summary>
    None,
}

/// <summary>One 3×3 convolution of a <see cref="ConvNet"/>, stride 1.</summary>
/// <param name="Channels">Channels of its input.</param>
/// <param name="Height">Height of its input, pixels.</param>
/// <param name="Width">Width of its input, pixels.</param>
/// <param name="Padding">Padding on every side, pixels.</param>
/// <param name="Filters">Channels of its output.</param>
public sealed record Convolution(int Channels, int Height, int Width, int Padding, int Filters)
{
    /// <summary>Floating-point operations of a forward of one image, 2·9·H·W·Cin·Cout, H and W those of the output.</summary>
    public double Flops => 2.0 * 9 * OutputHeight * OutputWidth * Channels * Filters;

    /// <summary>Height of its output, pixels.</summary>
    public int OutputHeight => Height + 2 * Padding - 2;

    /// <summary>Width of its output, pixels.</summary>
    public int OutputWidth => Width + 2 * Padding - 2;
}

/// <summary>
/// ConvNet-D: D blocks of convolution 3×3, normalisation, ReLU and average pooling 2×2, then a linear classifier (METHOD §2). The first
/// convolution pads by 3 where there is one input channel (28→32), else by 1. Features are the flattened output of the last block.
/// </summary>
internal sealed class ConvNet : Network
{
    public static ArchitectureEntry Entry { get; } = new("convnet", (settings, shape, classes, generator, device, trainable) => new ConvNet(settings, shape, classes, generator, device, trainable))
    {
        Row = 0,
        Refuses = (settings, shape) => settings.Norm == Norm.Group && settings.Width % NormLayer.Groups != 0 ? $"width={settings.Width}: the group norm needs a multiple of {NormLayer.Groups}"
            : settings.Depth > LargestDepth(shape) ? $"depth={settings.Depth}: images of {shape.Height}×{shape.Width} allow {LargestDepth(shape)} blocks, each of which halves them"
            : null,
    };

    // A quarter of this is what the first block of the images that go together gives, and what the second convolution makes of it: still in the cache when it is
    // read. With fewer images the library's convolutions are slower. On a GPU what the images take of its memory, and more of them gain nothing.
    private const long CacheBytes = 16 << 20, GpuBytes = 2L << 30;

    private readonly ConvNetSettings _settings;
    private readonly ConvBlock[] _blocks;
    private readonly NormLayer[] _norms;
    private readonly bool _fast;
    private readonly long _bytesOfFirstBlock;

    /// <exception cref="ArgumentException">The images are too small for that many blocks.</exception>
    public ConvNet(ConvNetSettings settings, ImageShape shape, int classes, Generator generator, Device? device = null, bool trainable = false)
    {
        _settings = settings;
        device ??= CPU;
        if (settings.Depth > LargestDepth(shape))
            throw new ArgumentException($"images of {shape.Height}×{shape.Width} are too small for {settings.Depth} blocks; lower the depth", nameof(settings));
        var layers = Layers(settings, shape);
        (_blocks, _norms) = (new ConvBlock[settings.Depth], new NormLayer[settings.Depth]);
        foreach (var (block, layer) in layers.Index())
        {
            var (index, fanIn) = (block.ToString(CultureInfo.InvariantCulture), layer.Channels * 9);
            var kernel = Add($"layers.conv.{index}.weight", Uniform([layer.Filters, layer.Channels, 3, 3], fanIn, generator, device), trainable);
            var bias = Add($"layers.conv.{index}.bias", Uniform([layer.Filters], fanIn, generator, device), trainable);
            var norm = _norms[block] = new NormLayer(
                settings.Norm, layer.Filters, layer.OutputHeight, layer.OutputWidth, device,
                (name, value) => Add($"layers.norm.{index}.{name}", value, trainable));
            _blocks[block] = new ConvBlock(kernel, bias, norm.Scale!, norm.Shift!, layer.Padding);
        }
        FeatureCount = settings.Width * (layers[^1].OutputHeight / 2) * (layers[^1].OutputWidth / 2);
        _fast = settings.Norm == Norm.Instance && settings.Width % NormReluPool.ChannelMultiple == 0;
        _bytesOfFirstBlock = (long)settings.Width * layers[0].OutputHeight * layers[0].OutputWidth * sizeof(float);
        Add("classifier.weight", Uniform([classes, FeatureCount], FeatureCount, generator, device), trainable);
        Add("classifier.bias", Uniform([classes], FeatureCount, generator, device), trainable);
    }

    /// <summary>The convolutions of a network, from the images up.</summary>
    public static IReadOnlyList<Convolution> Layers(ConvNetSettings settings, ImageShape shape)
    {
        var layers = new List<Convolution> { new(shape.Channels, shape.Height, shape.Width, FirstPadding(shape), settings.Width) };
        while (layers.Count < settings.Depth)
            layers.Add(new(settings.Width, layers[^1].OutputHeight / 2, layers[^1].OutputWidth / 2, 1, settings.Width));
        return layers;
    }

    /// <summary>The most blocks that images of a shape allow: each halves them.</summary>
    public static int LargestDepth(ImageShape shape) => BitOperations.Log2((uint)(Math.Min(shape.Height, shape.Width) + 2 * FirstPadding(shape) - 2));

    /// <summary>Number of features d; 2048 for width 128, depth 3 and 28×28 grey or 32×32 colour images.</summary>
    public int FeatureCount { get; }

    protected internal override int ImagesAtATime(bool gpu)
    {
        var most = base.ImagesAtATime(gpu);
        return gpu || _fast ? (int)Math.Clamp((gpu ? GpuBytes : CacheBytes) / _bytesOfFirstBlock, 1, most) : most;
    }

    public override bool DependsOnBatch => Training && _settings.Norm == Norm.Batch;

    protected override FeaturePass PassTogether(Tensor images) => Fits(images)
        ? PassInParts.Of(images, FastImages(_bytesOfFirstBlock), part => ChannelsLastPass.Of(_blocks, part))
        : base.PassTogether(images);

    /// <summary>Images that go together through a fast pass: two gradients of what the first block gives of them, a quarter of its convolution's bytes, are less than the 2 GiB that a tensor can show as bytes.</summary>
    internal static long FastImages(long bytesOfFirstBlock) => Math.Max(1, int.MaxValue / (bytesOfFirstBlock / 2));

    public override Tensor Features(Tensor images) => Features(images, TargetPrecision.Full);

    protected override Tensor Constant(Tensor images, TargetPrecision precision) =>
        Fits(images) ? ChannelsLastPass.FeaturesOf(_blocks, images, precision) : Features(images, precision);

    public override void Dispose()
    {
        base.Dispose();
        foreach (var norm in _norms)
            norm.Dispose();
    }

    private bool Fits(Tensor images) => _fast && images.device_type == TorchSharp.DeviceType.CPU && images.dtype == ScalarType.Float32;

    private Tensor Features(Tensor images, TargetPrecision precision)
    {
        var x = images;
        foreach (var (block, norm) in _blocks.Zip(_norms))
        {
            long[] padding = [block.Padding, block.Padding];
            x = precision == TargetPrecision.Bfloat16 && !ReferenceEquals(block, _blocks[0])
                ? F.conv2d(x.to(ScalarType.BFloat16), block.Kernel.to(ScalarType.BFloat16), padding: padding).to(images.dtype) + block.Bias.view(-1, 1, 1)
                : F.conv2d(x, block.Kernel, block.Bias, padding: padding);
            x = F.avg_pool2d(F.relu(norm.Apply(x, Training)), 2);
        }
        return x.flatten(1);
    }

    private static int FirstPadding(ImageShape shape) => shape.Channels == 1 ? 3 : 1;
}
