using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>
/// R-MNIST: every domain is MNIST turned by one angle, counter-clockwise, nearest neighbour, zero fill (METHOD §6; 20 domains in the paper).
/// Only the upright digits are kept; a domain's images are gathered from them when asked for.
/// </summary>
public sealed class RotatedMnist : DomainStream
{
    private readonly Tensor _train;
    private readonly Tensor _test;
    private readonly Mnist.Digits _trainDigits;
    private readonly Mnist.Digits _testDigits;
    private readonly int[] _trainLabels;
    private readonly int[] _testLabels;
    private readonly Device _device;

    /// <summary>Creates the paper's stream: angles by <see cref="Sectors"/>.</summary>
    /// <param name="mnist">The upright digits.</param>
    /// <param name="domains">Number of domains T, at least 1.</param>
    /// <param name="randomness">Gives the angles.</param>
    /// <param name="device">Where the images live; the CPU by default.</param>
    public RotatedMnist(Mnist mnist, int domains, Randomness randomness, Device? device = null) : this(mnist, Sectors(domains, randomness), device: device)
    {
    }

    /// <summary>Creates the stream from its angles.</summary>
    /// <param name="mnist">The upright digits.</param>
    /// <param name="degrees">The angle of every domain, degrees counter-clockwise.</param>
    /// <param name="resolution">Height and width, pixels; other than 28 the turned digits are resized with <see cref="AntialiasedResize"/>.</param>
    /// <param name="device">Where the images live; the CPU by default.</param>
    public RotatedMnist(Mnist mnist, IReadOnlyList<double> degrees, int resolution = Mnist.Size, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees.Count, 1);
        _device = device ?? CPU;
        Degrees = degrees;
        Domains = [.. Degrees.Select(d => d.ToString("0.0°", CultureInfo.InvariantCulture))];
        Classes = [.. Enumerable.Range(0, mnist.ClassCount).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        Shape = new ImageShape(1, resolution, resolution);
        Provenance = $"{mnist.Origin}, turned by one angle per domain";
        (_trainDigits, _testDigits) = (mnist.Train, mnist.Test);
        (_train, _trainLabels) = Store(mnist.Train);
        (_test, _testLabels) = Store(mnist.Test);
    }

    /// <summary>The angles of the paper's code: domain t of T draws from U(180(t−1)/T, 180t/T).</summary>
    /// <param name="domains">T, at least 1.</param>
    /// <param name="randomness">Gives the angles.</param>
    public static IReadOnlyList<double> Sectors(int domains, Randomness randomness) =>
        [.. Enumerable.Range(0, domains).Select(t => 180.0 / domains * (t + randomness.Stream(Purpose.DomainAngle, t).NextDouble()))];

    /// <summary>The angles of mammoth's rot-mnist: every domain draws from U(0, 180).</summary>
    /// <param name="domains">T, at least 1.</param>
    /// <param name="randomness">Gives the angles.</param>
    public static IReadOnlyList<double> Independent(int domains, Randomness randomness) =>
        [.. Enumerable.Range(0, domains).Select(t => 180 * randomness.Stream(Purpose.DomainAngle, t).NextDouble())];

    /// <summary>The angle of every domain, degrees counter-clockwise.</summary>
    public IReadOnlyList<double> Degrees { get; }

    /// <inheritdoc/>
    public override string Name => "r-mnist";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Domains { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override ImageShape Shape { get; }

    /// <inheritdoc/>
    public override Normalization Normalization { get; } = new([0.1307f], [0.3081f]);

    /// <inheritdoc/>
    public override OfficialNormalization OfficialNormalization => new(null, null);

    /// <inheritdoc/>
    public override string Provenance { get; }

    /// <inheritdoc/>
    public override DomainSet Train(int domain) => new Rotated(_train, _trainDigits.Pixels, _trainLabels, Classes.Count, Degrees[domain], Shape);

    /// <inheritdoc/>
    public override DomainSet Test(int domain) => new Rotated(_test, _testDigits.Pixels, _testLabels, Classes.Count, Degrees[domain], Shape);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _train.Dispose();
        _test.Dispose();
    }

    // One column of zeros behind the 784 pixels: NearestRotation points there for what lies outside.
    private (Tensor Pixels, int[] Labels) Store(Mnist.Digits digits)
    {
        const int area = Mnist.Size * Mnist.Size;
        using var scope = NewDisposeScope();
        var pixels = tensor(digits.Pixels, dtype: ScalarType.Byte).view(-1, area);
        var padded = nn.functional.pad(pixels, [0, 1]).to(_device);
        return (padded.DetachFromDisposeScope(), [.. digits.Labels.Select(label => (int)label)]);
    }

    private sealed class Rotated(Tensor pixels, byte[] digits, int[] labels, int classes, double degrees, ImageShape shape) : DomainSet(labels, classes)
    {
        private readonly long[] _source = NearestRotation.SourceIndices(Mnist.Size, degrees);

        public override Tensor Images(Tensor indices)
        {
            using var scope = NewDisposeScope();
            var gathered = pixels.device_type == DeviceType.CPU
                ? tensor(Gather(indices.data<long>().ToArray()), dtype: ScalarType.Byte)
                : pixels.index_select(0, indices.to(pixels.device)).index_select(1, tensor(_source, device: pixels.device));
            var turned = gathered.view(-1, 1, Mnist.Size, Mnist.Size);
            return (shape.Height == Mnist.Size ? turned : AntialiasedResize.Apply(turned, shape.Height, shape.Width)).MoveToOuterDisposeScope();
        }

        // On a processor a plain loop is much quicker than libtorch's selection of columns.
        private byte[] Gather(long[] indices)
        {
            const int area = Mnist.Size * Mnist.Size;
            var result = new byte[indices.Length * area];
            for (var i = 0; i < indices.Length; i++)
            {
                var from = digits.AsSpan((int)indices[i] * area, area);
                var to = result.AsSpan(i * area, area);
                for (var pixel = 0; pixel < to.Length; pixel++)
                    to[pixel] = _source[pixel] < area ? from[(int)_source[pixel]] : (byte)0;
            }
            return result;
        }
    }
}
