using DIDD.Data;

namespace DIDD.Augmentation;

/// <summary>
/// DSA's differentiable augmentation by a strategy such as <c>color_crop_cutout</c> (METHOD §2). In this order: flip; colour (brightness,
/// saturation, contrast); one of the geometric operations named; cutout. Or one of all that are named, as DSA and DM draw it.
/// </summary>
public sealed class DiffAugment
{
    private readonly bool _flip, _color, _cutout;
    private readonly Operation[] _alternatives;

    /// <summary>Creates an augmentation.</summary>
    /// <param name="strategy">Words of color, crop, scale, rotate, cutout and flip, joined by _; or none.</param>
    /// <param name="oneOfAll">Whether a draw is one of all words, the colours being one, in place of all but the geometric ones.</param>
    /// <exception cref="ArgumentException">A word is not known.</exception>
    public DiffAugment(string strategy, bool oneOfAll = false)
    {
        var words = strategy == "none" ? [] : strategy.Split('_').ToList();
        (_flip, _color, _cutout) = oneOfAll ? (false, false, false) : (words.Remove("flip"), words.Remove("color"), words.Remove("cutout"));
        _alternatives = [.. words.Select(word => word switch
        {
            "crop" => Operation.Crop,
            "scale" => Operation.Scale,
            "rotate" => Operation.Rotate,
            "flip" when oneOfAll => Operation.Flip,
            "color" when oneOfAll => Operation.Color,
            "cutout" when oneOfAll => Operation.Cutout,
            _ => throw new ArgumentException($"augmentation '{strategy}': '{word}' is not one of color, crop, scale, rotate, cutout, flip (or the whole is none)", nameof(strategy)),
        })];
    }

    /// <summary>Draws for groups of images, one source of numbers per group; every group draws its own alternative.</summary>
    internal AugmentationDraw Draw(IEnumerable<RandomStream> streams, ImageShape shape, Device device)
    {
        var groups = streams.Select(stream => (Operation: DrawAlternative(stream), Numbers: DrawNumbers(stream, shape))).ToList();
        return new AugmentationDraw([.. groups.Select(g => g.Operation)], Stacked(groups.Select(g => g.Numbers), device));
    }

    /// <summary>Draws for images each on its own, with one alternative for all of them.</summary>
    internal AugmentationDraw DrawEach(RandomStream stream, int count, ImageShape shape, Device device)
    {
        var operation = DrawAlternative(stream);
        return new AugmentationDraw([.. Enumerable.Repeat(operation, count)], Stacked(Enumerable.Range(0, count).Select(_ => DrawNumbers(stream, shape)), device));
    }

    /// <summary>Applies a draw.</summary>
    /// <param name="images">[G,n,channels,H,W], normalised; G groups as in the draw.</param>
    /// <param name="draw">From this augmentation.</param>
    /// <returns>The same shape.</returns>
    public Tensor Apply(Tensor images, AugmentationDraw draw)
    {
        if (images.shape[0] != draw.Operations.Count)
            throw new ArgumentException($"{images.shape[0]} groups of images, but {draw.Operations.Count} in the draw", nameof(draw));
        var x = images;
        if (_flip)
            x = Apply(x, Operation.Flip, draw);
        if (_color)
            x = Apply(x, Operation.Color, draw);
        x = ApplyAlternatives(x, draw);
        return _cutout ? Apply(x, Operation.Cutout, draw) : x;
    }

    private static Tensor ApplyAlternatives(Tensor images, AugmentationDraw draw)
    {
        var kinds = draw.Operations.Distinct().ToList();
        if (kinds.Count == 1)
            return Apply(images, kinds[0], draw);
        var parts = new List<Tensor>();
        var order = new List<long>();
        foreach (var kind in kinds)
        {
            var groups = Enumerable.Range(0, draw.Operations.Count).Where(g => draw.Operations[g] == kind).Select(g => (long)g).ToArray();
            var index = tensor(groups, device: images.device);
            parts.Add(Apply(images.index_select(0, index), kind, draw.Select(groups)));
            order.AddRange(groups);
        }
        var back = order.Select((group, position) => (group, position)).OrderBy(p => p.group).Select(p => (long)p.position).ToArray();
        return cat(parts).index_select(0, tensor(back, device: images.device));
    }

    private static Tensor Apply(Tensor images, Operation operation, AugmentationDraw draw) => operation switch
    {
        Operation.Crop => ImageOperations.Crop(images, draw[AugmentationDraw.Number.CropRow], draw[AugmentationDraw.Number.CropColumn]),
        Operation.Scale => ImageOperations.Scale(images, draw[AugmentationDraw.Number.ScaleHorizontal], draw[AugmentationDraw.Number.ScaleVertical]),
        Operation.Rotate => ImageOperations.Rotate(images, draw[AugmentationDraw.Number.Rotate]),
        Operation.Flip => ImageOperations.Flip(images, draw[AugmentationDraw.Number.Flip]),
        Operation.Color => ImageOperations.Contrast(
            ImageOperations.Saturation(ImageOperations.Brightness(images, draw[AugmentationDraw.Number.Brightness]), draw[AugmentationDraw.Number.Saturation]), draw[AugmentationDraw.Number.Contrast]),
        Operation.Cutout => ImageOperations.Cutout(images, draw[AugmentationDraw.Number.CutoutRow], draw[AugmentationDraw.Number.CutoutColumn]),
        _ => images,
    };

    private Operation DrawAlternative(RandomStream stream) => _alternatives.Length == 0 ? Operation.None : _alternatives[stream.NextInteger(0, _alternatives.Length)];

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

/// <summary>What a group of images has one of: of the geometric operations that a strategy names, or of all that it names, the colours being one.</summary>
internal enum Operation { None, Crop, Scale, Rotate, Flip, Color, Cutout }

/// <summary>One draw of a <see cref="DiffAugment"/> for G groups.</summary>
public sealed class AugmentationDraw
{
    private readonly Tensor _numbers;

    internal AugmentationDraw(IReadOnlyList<Operation> operations, Tensor numbers) => (Operations, _numbers) = (operations, numbers);

    internal enum Number { Flip, Brightness, Saturation, Contrast, CropRow, CropColumn, ScaleHorizontal, ScaleVertical, Rotate, CutoutRow, CutoutColumn }

    // The alternative that every group drew.
    internal IReadOnlyList<Operation> Operations { get; }

    internal Tensor this[Number number] => _numbers[TensorIndex.Colon, TensorIndex.Single((long)number)];

    internal AugmentationDraw Select(params long[] groups) => new([.. groups.Select(g => Operations[(int)g])], _numbers.index_select(0, tensor(groups, device: _numbers.device)));
}
