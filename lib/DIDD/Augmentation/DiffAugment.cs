using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Augmentation;

/// <summary>
/// DSA's differentiable augmentation by a strategy such as <c>color_crop_cutout</c> (METHOD §2). In this order: flip; colour (brightness,
/// saturation, contrast); one of the geometric operations named; cutout.
/// </summary>
public sealed class DiffAugment
{
    private readonly bool _flip;
    private readonly bool _color;
    private readonly bool _cutout;
    private readonly Geometry[] _geometries;

    /// <summary>Creates an augmentation.</summary>
    /// <param name="strategy">Words of color, crop, scale, rotate, cutout and flip, joined by _; or none.</param>
    /// <exception cref="ArgumentException">A word is not known.</exception>
    public DiffAugment(string strategy)
    {
        var words = strategy == "none" ? [] : strategy.Split('_').ToList();
        _flip = words.Remove("flip");
        _color = words.Remove("color");
        _cutout = words.Remove("cutout");
        _geometries = [.. words.Select(word => word switch
        {
            "crop" => Geometry.Crop,
            "scale" => Geometry.Scale,
            "rotate" => Geometry.Rotate,
            _ => throw new ArgumentException($"augmentation '{strategy}': '{word}' is not one of color, crop, scale, rotate, cutout, flip (or the whole is none)", nameof(strategy)),
        })];
    }

    /// <summary>Draws for groups of images.</summary>
    /// <param name="streams">One source of numbers per group; every group draws its own geometric operation.</param>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="device">Where the draw is applied.</param>
    public AugmentationDraw Draw(IEnumerable<RandomStream> streams, ImageShape shape, Device device)
    {
        var groups = streams.Select(stream => (Geometry: DrawGeometry(stream), Numbers: DrawNumbers(stream, shape))).ToList();
        return new AugmentationDraw([.. groups.Select(g => g.Geometry)], Stacked(groups.Select(g => g.Numbers), device));
    }

    /// <summary>Draws for images each on its own, with one geometric operation for all of them.</summary>
    /// <param name="stream">The source of numbers.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="device">Where the draw is applied.</param>
    public AugmentationDraw DrawEach(RandomStream stream, int count, ImageShape shape, Device device)
    {
        var geometry = DrawGeometry(stream);
        return new AugmentationDraw([.. Enumerable.Repeat(geometry, count)], Stacked(Enumerable.Range(0, count).Select(_ => DrawNumbers(stream, shape)), device));
    }

    /// <summary>Applies a draw.</summary>
    /// <param name="images">[G,n,channels,H,W], normalised; G groups as in the draw.</param>
    /// <param name="draw">From this augmentation.</param>
    /// <returns>The same shape.</returns>
    public Tensor Apply(Tensor images, AugmentationDraw draw)
    {
        if (images.shape[0] != draw.Geometries.Count)
            throw new ArgumentException($"{images.shape[0]} groups of images, but {draw.Geometries.Count} in the draw", nameof(draw));
        var x = images;
        if (_flip)
            x = ImageOperations.Flip(x, draw[AugmentationDraw.Number.Flip]);
        if (_color)
        {
            x = ImageOperations.Brightness(x, draw[AugmentationDraw.Number.Brightness]);
            x = ImageOperations.Saturation(x, draw[AugmentationDraw.Number.Saturation]);
            x = ImageOperations.Contrast(x, draw[AugmentationDraw.Number.Contrast]);
        }
        x = ApplyGeometries(x, draw);
        return _cutout ? ImageOperations.Cutout(x, draw[AugmentationDraw.Number.CutoutRow], draw[AugmentationDraw.Number.CutoutColumn]) : x;
    }

    private static Tensor ApplyGeometries(Tensor images, AugmentationDraw draw)
    {
        var kinds = draw.Geometries.Distinct().ToList();
        if (kinds.Count == 1)
            return ApplyGeometry(images, kinds[0], draw);
        var parts = new List<Tensor>();
        var order = new List<long>();
        foreach (var kind in kinds)
        {
            var groups = Enumerable.Range(0, draw.Geometries.Count).Where(g => draw.Geometries[g] == kind).Select(g => (long)g).ToArray();
            var index = tensor(groups, device: images.device);
            parts.Add(ApplyGeometry(images.index_select(0, index), kind, draw.Select(groups)));
            order.AddRange(groups);
        }
        var back = order.Select((group, position) => (group, position)).OrderBy(p => p.group).Select(p => (long)p.position).ToArray();
        return cat(parts).index_select(0, tensor(back, device: images.device));
    }

    private static Tensor ApplyGeometry(Tensor images, Geometry geometry, AugmentationDraw draw) => geometry switch
    {
        Geometry.Crop => ImageOperations.Crop(images, draw[AugmentationDraw.Number.CropRow], draw[AugmentationDraw.Number.CropColumn]),
        Geometry.Scale => ImageOperations.Scale(images, draw[AugmentationDraw.Number.ScaleHorizontal], draw[AugmentationDraw.Number.ScaleVertical]),
        Geometry.Rotate => ImageOperations.Rotate(images, draw[AugmentationDraw.Number.Rotate]),
        _ => images,
    };

    private Geometry DrawGeometry(RandomStream stream) => _geometries.Length == 0 ? Geometry.None : _geometries[stream.NextInteger(0, _geometries.Length)];

    // In the order of AugmentationDraw.Number; all are drawn, used or not, so that a strategy does not change another's numbers.
    private static float[] DrawNumbers(RandomStream stream, ImageShape shape)
    {
        int rows = ImageOperations.LargestShift(shape.Height), columns = ImageOperations.LargestShift(shape.Width);
        float Uniform() => (float)stream.NextDouble();
        return
        [
            Uniform(), Uniform(), Uniform(), Uniform(),
            stream.NextInteger(-rows, rows + 1), stream.NextInteger(-columns, columns + 1),
            Uniform(), Uniform(), Uniform(),
            stream.NextInteger(0, CutoutCenters(shape.Height)), stream.NextInteger(0, CutoutCenters(shape.Width)),
        ];
    }

    // The authors' centres run over [0, size + (1 − side mod 2)).
    private static int CutoutCenters(int size) => size + (1 - ImageOperations.CutoutSide(size) % 2);

    private static Tensor Stacked(IEnumerable<float[]> numbers, Device device)
    {
        var rows = numbers.ToList();
        return tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, rows[0].Length], device: device);
    }
}

/// <summary>One draw of a <see cref="DiffAugment"/> for G groups.</summary>
public sealed class AugmentationDraw
{
    private readonly Tensor _numbers;

    internal AugmentationDraw(IReadOnlyList<Geometry> geometries, Tensor numbers)
    {
        Geometries = geometries;
        _numbers = numbers;
    }

    internal enum Number
    {
        Flip,
        Brightness,
        Saturation,
        Contrast,
        CropRow,
        CropColumn,
        ScaleHorizontal,
        ScaleVertical,
        Rotate,
        CutoutRow,
        CutoutColumn,
    }

    /// <summary>The geometric operation of every group.</summary>
    public IReadOnlyList<Geometry> Geometries { get; }

    internal Tensor this[Number number] => _numbers[TensorIndex.Colon, TensorIndex.Single((long)number)];

    internal AugmentationDraw Select(params long[] groups) => new([.. groups.Select(g => Geometries[(int)g])], _numbers.index_select(0, tensor(groups, device: _numbers.device)));
}
