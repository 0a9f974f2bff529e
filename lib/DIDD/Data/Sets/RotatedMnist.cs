using TorchSharp;

namespace DIDD.Data;

/// <summary>
/// R-MNIST: every domain is MNIST turned by one angle, counter-clockwise, nearest neighbour, zero fill (METHOD §6; 20 domains in the paper).
/// Only the upright digits are kept; a domain's images are gathered from them when asked for.
/// </summary>
internal sealed class RotatedMnist : DomainStream
{
    internal const int PaperDomains = 20;

    private const string Upright = "mnist", FashionName = "fashion-mnist", FashionMnist = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/";

    private static readonly PublishedCounts Digits = new(
        [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);

    public static DataSetEntry Entry { get; } = new("r-mnist", Open, NumbersOf)
    {
        Row = 0,
        Sources =
        [
            new("r-mnist", "mnist", "handwritten digits, a domain per rotation", "yann.lecun.com/exdb/mnist; in this repository", "70,000 images, 11 MB", "not stated; often quoted as CC BY-SA 3.0",
                "the four idx files; `git checkout -- data/mnist` restores them", []),
            new("fashion-mnist", "fashion-mnist", "clothes in MNIST's files: --dataset r-mnist --set data.source=fashion-mnist", "github.com/zalandoresearch/fashion-mnist", "70,000 images, four idx files", "MIT",
                "the four idx files, as `didd data fetch fashion-mnist` does; or name the folder of Debian's dataset-fashion-mnist (dpkg -L) as data.source",
                [
                    new(new(FashionMnist + "train-images-idx3-ubyte.gz"), "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                    new(new(FashionMnist + "train-labels-idx1-ubyte.gz"), "25c81989df183df01b3e8a0aad5dffbe"),
                    new(new(FashionMnist + "t10k-images-idx3-ubyte.gz"), "bef4ecab320f06d8554ea6380940ec79"),
                    new(new(FashionMnist + "t10k-labels-idx1-ubyte.gz"), "bb300cfdad3c16e7a12a480ee83cd310"),
                ]),
        ],
        Count = asked => AngleList(asked.Settings)?.Count ?? asked.Domains,
        SmallestClass = settings => settings.Source == Upright ? Digits.Train.Min() : int.MaxValue,
        Channels = 1,
        Size = Mnist.Size,
        MayBeMirrored = false,
        Published = (settings, _) => settings.Source switch { Upright => Digits, FashionName => PublishedCounts.Even(10, 6000, 1000), _ => null },
    };

    private readonly Side _train, _test;

    /// <summary>Creates the stream from its angles, degrees counter-clockwise; the turned digits are resized where the resolution is not theirs.</summary>
    public RotatedMnist(Mnist mnist, IReadOnlyList<double> degrees, int resolution = Mnist.Size, Device? device = null) : base(
        "r-mnist", [.. degrees.Select(d => d.ToString("0.0°", CultureInfo.InvariantCulture))],
        [.. Enumerable.Range(0, mnist.ClassCount).Select(c => c.ToString(CultureInfo.InvariantCulture))], new ImageShape(1, resolution, resolution),
        new([0.1307f], [0.3081f]), $"{mnist.Origin}, turned by one angle per domain", new OfficialNormalization(null, null))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees.Count, 1);
        Degrees = degrees;
        (_train, _test) = (Side.Of(mnist.Train, device), Side.Of(mnist.Test, device));
    }

    /// <summary>The angles of the paper's code: domain t of T draws from U(180(t−1)/T, 180t/T).</summary>
    public static IReadOnlyList<double> Sectors(int domains, Randomness randomness) =>
        [.. Enumerable.Range(0, domains).Select(t => 180.0 / domains * (t + randomness.Stream(Purpose.DomainAngle, t).NextDouble()))];

    /// <summary>The angles of mammoth's rot-mnist: every domain draws from U(0, 180).</summary>
    public static IReadOnlyList<double> Independent(int domains, Randomness randomness) =>
        [.. Enumerable.Range(0, domains).Select(t => 180 * randomness.Stream(Purpose.DomainAngle, t).NextDouble())];

    /// <summary>The angle of every domain, degrees counter-clockwise.</summary>
    public IReadOnlyList<double> Degrees { get; }

    public override DomainSet Train(int domain) => new Rotated(_train, Classes.Count, Degrees[domain], Shape);

    public override DomainSet Test(int domain) => new Rotated(_test, Classes.Count, Degrees[domain], Shape);

    public override void Dispose()
    {
        _train.OnDevice?.Dispose();
        _test.OnDevice?.Dispose();
        base.Dispose();
    }

    private static RotatedMnist Open(DataRequest asked) => new(Source(asked.Settings.Source, asked.Root), DegreesOf(asked), Entry.SizeOf(asked.Settings), asked.Device);

    // The domains that are named are counted among the paper's, or among the angles given.
    private static int Rotations(DataRequest asked) => AngleList(asked.Settings)?.Count ?? (asked.Settings.Domains.Length > 0 ? PaperDomains : asked.Domains);

    private static IReadOnlyList<string> NumbersOf(DataRequest asked) => [.. Enumerable.Range(1, Rotations(asked)).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    private static IReadOnlyList<double> DegreesOf(DataRequest asked) => AngleList(asked.Settings) ?? (asked.Settings.Angles == "mammoth"
        ? Independent(Rotations(asked), new Randomness(asked.Seed))
        : Sectors(Rotations(asked), new Randomness(asked.Seed)));

    private static List<double>? AngleList(DataSettings settings) => settings.Angles is "sectors" or "mammoth" ? null
        : DataSettings.Members(settings.Angles).Select(member => double.TryParse(member, CultureInfo.InvariantCulture, out var degrees) && Math.Abs(degrees) <= 360 ? degrees : double.NaN).ToList()
            is { Count: > 0 } list && !list.Exists(double.IsNaN)
        ? list
        : throw new FormatException($"data.angles={settings.Angles}: choose sectors, mammoth, or degrees from -360 to 360 separated by commas");

    private static Mnist Source(string source, string? root) => source == Upright ? Mnist.Load(DataSetInfo.Of(Entry.Name).Find(root))
        : Path.IsPathRooted(source) ? Mnist.LoadIdx(source)
        : source == FashionName ? Mnist.LoadIdx(DataSetInfo.Of(source).Find(root))
        : Mnist.LoadIdx(DataFolder.Find(source, root));

    // The upright digits: N·784 pixels, and on another device than the CPU [N,785]: NearestRotation points at the zeros behind them for what lies outside.
    private sealed record Side(byte[] Pixels, int[] Labels, Tensor? OnDevice)
    {
        public static Side Of(Mnist.Digits digits, Device? device)
        {
            using var scope = NewDisposeScope();
            var onDevice = device is null || device.type == DeviceType.CPU ? null
                : F.pad(tensor(digits.Pixels, dtype: ScalarType.Byte).view(-1, Mnist.Size * Mnist.Size), [0, 1]).to(device).DetachFromDisposeScope();
            return new Side(digits.Pixels, [.. digits.Labels.Select(label => (int)label)], onDevice);
        }
    }

    private sealed class Rotated(Side side, int classes, double degrees, ImageShape shape) : DomainSet(side.Labels, classes)
    {
        private readonly long[] _source = NearestRotation.SourceIndices(Mnist.Size, degrees);

        public override Tensor Images(Tensor indices)
        {
            using var scope = NewDisposeScope();
            var gathered = side.OnDevice is { } pixels
                ? pixels.index_select(0, indices.to(pixels.device)).index_select(1, tensor(_source, device: pixels.device))
                : tensor(Gather(indices.data<long>().ToArray()), dtype: ScalarType.Byte);
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
                var from = side.Pixels.AsSpan((int)indices[i] * area, area);
                var to = result.AsSpan(i * area, area);
                for (var pixel = 0; pixel < to.Length; pixel++)
                    to[pixel] = _source[pixel] < area ? from[(int)_source[pixel]] : (byte)0;
            }
            return result;
        }
    }
}
