using DIDD.Data;

namespace DIDD.Synthetic;

/// <summary>The synthetic set X̂: IPC stored images per class (METHOD §1).</summary>
public sealed class SyntheticSet : IDisposable
{
    private const string StatePrefix = "rule.";
    private const int Enlarged = 2;

    /// <summary>Creates the set of images decoded by that factor; it owns all tensors, which have the shapes of the properties of their names.</summary>
    public SyntheticSet(
        Tensor images, int factor, Tensor? alpha = null, Tensor? beta = null, Tensor? owners = null, IReadOnlyDictionary<string, Tensor>? state = null)
    {
        if (images.dim() != 5)
            throw new ArgumentException($"stored images are [C,IPC,channels,H,W], not [{string.Join(',', images.shape)}]", nameof(images));
        Images = images.DetachFromDisposeScope();
        Alpha = alpha?.DetachFromDisposeScope();
        Beta = beta?.DetachFromDisposeScope();
        Owners = owners?.DetachFromDisposeScope();
        State = (state ?? new Dictionary<string, Tensor>()).ToDictionary(s => s.Key, s => s.Value.DetachFromDisposeScope());
        Formation = new MultiFormation(factor, ImageShape.Of(images));
    }

    /// <summary>The stored images, [C,IPC,channels,H,W], pixels in [0,1]; those of the authors' protocol may be a little outside.</summary>
    public Tensor Images { get; }

    /// <summary>ᾱ, the weight of stability, per tile, [C·IPC·tiles], or per image, [C·IPC]; null where the rule has no rates.</summary>
    public Tensor? Alpha { get; }

    /// <summary>β̄, the weight of plasticity, per tile, [C·IPC·tiles], or per image, [C·IPC]; null where the rule has no rates.</summary>
    public Tensor? Beta { get; }

    /// <summary>For every tile the domain (from 0; where classes arrive, from the first of its class) whose image it shows, [C·IPC·tiles], image after image; null where tiles belong to no single domain.</summary>
    public Tensor? Owners { get; }

    /// <summary>What the update rule needs at the next domain, by name; empty for most rules.</summary>
    public IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>How stored images become training images.</summary>
    public MultiFormation Formation { get; }

    /// <summary>Number of classes C.</summary>
    public int Classes => (int)Images.shape[0];

    /// <summary>Stored images per class.</summary>
    public int Ipc => (int)Images.shape[1];

    /// <summary>Shape of an image.</summary>
    public ImageShape Shape => ImageShape.Of(Images);

    /// <summary>A set of the same tensors on a device; the caller disposes of it and of this one.</summary>
    /// <param name="device">The device; where the set is there already, the tensors share their memory.</param>
    public SyntheticSet To(Device device)
    {
        using var scope = NewDisposeScope();
        return Each(tensor => tensor.to(device).alias());
    }

    /// <summary>The training images, [C,f²·IPC,channels,H,W], without a gradient.</summary>
    public Tensor Decode()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Formation.Decode(Images).MoveToOuterDisposeScope();
    }

    /// <summary>The training images in the order of the rates, image after image: [C·IPC·f²,channels,H,W], without a gradient.</summary>
    public Tensor Tiles()
    {
        using var scope = NewDisposeScope();
        return Decode().unflatten(1, [Formation.Tiles, Ipc]).transpose(1, 2).flatten(0, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>A set of some tiles, each as a whole image (f = 1), which trains as they do: indices into <see cref="Tiles"/>, class after class.</summary>
    /// <exception cref="ArgumentException">Some class has more or fewer of them than another, or they are not in the order of the classes.</exception>
    internal SyntheticSet Part(IReadOnlyList<long> tiles)
    {
        var (perClass, count) = (Ipc * Formation.Tiles, tiles.Count / Classes);
        if (count == 0 || count * Classes != tiles.Count || tiles.Index().Any(tile => tile.Item / perClass != tile.Index / count))
            throw new ArgumentException($"{tiles.Count} tiles are not equally many of each of {Classes} classes, class after class", nameof(tiles));
        using var scope = NewDisposeScope();
        return new SyntheticSet(Tiles().index_select(0, tensor(tiles.ToArray(), device: Images.device)).unflatten(0, [Classes, count]), factor: 1);
    }

    /// <summary>A copy of the set of some classes alone, <paramref name="count"/> from one on.</summary>
    internal SyntheticSet OfClasses(int first, int count)
    {
        using var scope = NewDisposeScope();
        return Each(all => all.narrow(0, first * (all.shape[0] / Classes), count * (all.shape[0] / Classes)).clone());
    }

    /// <summary>Puts sets of different classes together: a set of all their classes, in the order given, with rates where all have them; the sets stay the caller's.</summary>
    /// <exception cref="DataSetException">They do not fit together.</exception>
    internal static SyntheticSet Join(IReadOnlyList<SyntheticSet> sets)
    {
        var first = sets[0];
        if (sets.Any(set => (set.Ipc, set.Shape, set.Formation.Factor) != (first.Ipc, first.Shape, first.Formation.Factor) || !set.State.Keys.ToHashSet().SetEquals(first.State.Keys)))
            throw new DataSetException("sets of different IPC, shape, factor or rule cannot be put together; take sets of one run");
        using var scope = NewDisposeScope();
        Tensor All(Func<SyntheticSet, Tensor> part) => cat([.. sets.Select(part)]);
        return new SyntheticSet(
            All(set => set.Images), first.Formation.Factor,
            sets.Any(set => set.Alpha is null) ? null : All(set => set.Alpha!), sets.Any(set => set.Beta is null) ? null : All(set => set.Beta!), first.Owners is null ? null : All(set => set.Owners!),
            first.State.Keys.ToDictionary(name => name, name => All(set => set.State[name])));
    }

    /// <summary>Writes the set as safetensors: <c>images</c> [C·IPC,channels,H,W], <c>labels</c> [C·IPC], and, where there are any, the rates and owners of the tiles and the rule's state (<c>rule.…</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Strings that say where the set comes from.</param>
    /// <param name="firstLabel">Label of the first class.</param>
    public void Save(string path, IReadOnlyDictionary<string, string> metadata, int firstLabel = 0)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["images"] = Images.flatten(0, 1),
            ["labels"] = arange(firstLabel, firstLabel + Classes, dtype: ScalarType.Int64).repeat_interleave(Ipc),
        };
        if (Alpha is not null && Beta is not null)
            (tensors["alpha"], tensors["beta"]) = (Alpha, Beta);
        if (Owners is not null)
            tensors["owners"] = Owners;
        foreach (var (name, value) in State)
            tensors[StatePrefix + name] = value;
        Safetensors.Write(path, tensors, new Dictionary<string, string>(metadata)
        {
            ["factor"] = Formation.Factor.ToString(CultureInfo.InvariantCulture),
            ["classes"] = Classes.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Reads a set that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the images shall live; the CPU by default.</param>
    /// <exception cref="DataSetException">The file is missing, damaged or no synthetic set.</exception>
    public static SyntheticSet Load(string path, Device? device = null)
    {
        using var file = Safetensors.Read(path);
        using var scope = NewDisposeScope();
        int Whole(string key) => file.Metadata.TryGetValue(key, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new DataSetException($"{path}: no synthetic set: its metadata lack a positive '{key}'; `didd run` with the run's settings computes it again");
        var (classes, images) = (Whole("classes"), file["images"]);
        if (images.dim() != 4 || images.shape[0] % classes != 0)
            throw new DataSetException($"{path}: images are [{string.Join(',', images.shape)}], expected [{classes}·IPC,channels,H,W]; `didd run` with the run's settings computes it again");
        Tensor Copy(Tensor stored) => stored.to(device ?? CPU).clone();
        Tensor? PerTile(string name) => file.Tensors.TryGetValue(name, out var values) ? Copy(values) : null;
        var state = file.Tensors.Where(t => t.Key.StartsWith(StatePrefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[StatePrefix.Length..], t => Copy(t.Value));
        return new SyntheticSet(Copy(images).unflatten(0, [classes, images.shape[0] / classes]), Whole("factor"), PerTile("alpha"), PerTile("beta"), PerTile("owners"), state);
    }

    /// <summary>Writes a PNG sheet of the stored images: a column per class, a row per image, two screen pixels per pixel.</summary>
    /// <param name="path">The file.</param>
    public void SaveSheet(string path)
    {
        using var scope = NewDisposeScope();
        var bytes = (Images.detach().clamp(0, 1) * 255).round().to(ScalarType.Byte).cpu();
        ImageFile.WriteSheet(path, bytes.transpose(0, 1).repeat_interleave(Enlarged, 3).repeat_interleave(Enlarged, 4));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Alpha?.Dispose();
        Beta?.Dispose();
        Owners?.Dispose();
        foreach (var value in State.Values)
            value.Dispose();
    }

    private SyntheticSet Each(Func<Tensor, Tensor> make) => new(
        make(Images), Formation.Factor, Alpha is null ? null : make(Alpha), Beta is null ? null : make(Beta), Owners is null ? null : make(Owners), State.ToDictionary(s => s.Key, s => make(s.Value)));
}
