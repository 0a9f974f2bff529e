using System.Globalization;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>The data sets by the names that the command line and specs use.</summary>
public static class Streams
{
    /// <summary>The data set that is a folder of anybody's pictures, <see cref="DataSettings.Source"/>.</summary>
    public const string Folder = "folder";

    internal const int PaperRotations = 20;

    private const int SmallestMnistClass = 5421;
    private const int DefaultResolution = 32;

    private static readonly int[] Resolutions = [DefaultResolution, 64];

    /// <summary>Name → how to open all domains of a data set: spec, folder of data sets or null, device or null.</summary>
    public static IReadOnlyDictionary<string, Func<RunSpec, string?, Device?, DomainStream>> ByName { get; } = new Dictionary<string, Func<RunSpec, string?, Device?, DomainStream>>
    {
        ["r-mnist"] = (spec, root, device) => new RotatedMnist(Digits(spec.Data.Source, root), Degrees(spec), DigitSize(spec), device),
        ["core50"] = (spec, root, device) => new Core50Stream(
            Pictures("core50", Core50Stream.Objects, Resolution(spec), root, Core50Folder.Exists, Core50Folder.Read),
            Resolution(spec), spec.Data.Labels, spec.Data.Split, new Randomness(spec.Data.Seed), device),
        ["pacs"] = (spec, root, device) => new PacsStream(
            Pictures("pacs", PacsStream.AllClasses, Resolution(spec), root, PacsFolder.Exists, PacsFolder.Read), Resolution(spec), device),
        ["emoji-styles"] = (spec, root, device) => new EmojiStyles(DataSetInfo.Of("emoji-styles").Find(root), Resolution(spec), device),
        ["emoji-sessions"] = (spec, root, device) => new EmojiSessions(DataSetInfo.Of("emoji-sessions").Find(root), Resolution(spec), spec.Data.Labels, new Randomness(spec.Data.Seed), device),
        [Folder] = (spec, _, device) => OwnPictures(spec, device),
    };

    /// <summary>Opens the stream of a spec: its domains and classes, in its order.</summary>
    /// <param name="spec">A valid spec.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <param name="device">Where the images shall live; the CPU by default.</param>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    /// <exception cref="SpecException">The data have no such class.</exception>
    public static DomainStream Open(RunSpec spec, string? root = null, Device? device = null)
    {
        var whole = ByName[spec.Dataset](spec, root, device);
        try
        {
            var domains = Chosen("data.domains", spec.Data.Domains, DomainNames(spec), spec.Domains);
            var classes = Chosen("data.classes", spec.Data.Classes, whole.Classes, whole.Classes.Count);
            var all = domains.SequenceEqual(Enumerable.Range(0, whole.Domains.Count)) && classes.SequenceEqual(Enumerable.Range(0, whole.Classes.Count)) && spec.Data.ImagesPerClass == 0;
            return all ? whole : new SelectedStream(whole, domains, classes, spec.Data.ImagesPerClass, new Randomness(spec.Data.Seed));
        }
        catch (SpecException)
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>The file into which <c>didd data prepare</c> decodes a data set.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="name">Its name.</param>
    /// <param name="size">Height and width, pixels.</param>
    public static string CachePath(string folder, string name, int size) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}{size}.safetensors"));

    /// <summary>The names by which <c>data.domains</c> knows the domains, in full; R-MNIST's are the numbers of its rotations.</summary>
    /// <param name="spec">A spec of a known data set.</param>
    public static IReadOnlyList<string> DomainNames(RunSpec spec) => spec.Dataset switch
    {
        "core50" => Core50Stream.DomainsOf(spec.Data.Split),
        "pacs" => PacsStream.AllDomains,
        "emoji-styles" => EmojiStyles.AllDomains,
        "emoji-sessions" => EmojiSessions.Sessions,
        Folder => FolderStream.DomainsOf(spec.Data.Source),
        _ => [.. Enumerable.Range(1, Rotations(spec)).Select(n => n.ToString(CultureInfo.InvariantCulture))],
    };

    // T as the data settings have it: the domains that are named, the angles that are given, else as many as the spec asks for, up to those of the default order.
    internal static int Count(RunSpec spec) => spec.Data.Domains.Length > 0 ? DataSettings.Members(spec.Data.Domains).Count
        : spec.Dataset == "r-mnist" && AngleList(spec) is { } angles ? angles.Count
        : Math.Min(spec.Domains, DefaultCount(spec));

    internal static int DefaultCount(RunSpec spec) => spec.Dataset switch
    {
        "r-mnist" => AngleList(spec)?.Count ?? int.MaxValue,
        "emoji-styles" => EmojiStyles.DefaultOrder.Count,
        Folder when !Directory.Exists(spec.Data.Source) => int.MaxValue,
        _ => DomainNames(spec).Count,
    };

    // What can be known of a spec against its data without reading them: MNIST's smallest class is the digit 5.
    internal static void Validate(RunSpec spec)
    {
        if (spec.Data.Resolution != 0 && !Resolutions.Contains(spec.Data.Resolution))
            throw new SpecException($"data.resolution={spec.Data.Resolution}: choose one of {string.Join(", ", Resolutions)}, or 0 for the set's own");
        if (spec.Data.ImagesPerClass < 0)
            throw new SpecException($"data.imagesPerClass={spec.Data.ImagesPerClass}: must be at least 0, which means all");
        if (spec.Dataset == Folder && spec.Data.Listing.Length == 0)
            throw new SpecException($"dataset={Folder}: name the folder of the pictures with --data-folder, which puts data.source and data.listing into the spec");
        var names = DomainNames(spec);
        var chosen = Chosen("data.domains", spec.Data.Domains, names, spec.Domains);
        if (chosen.Count != spec.Domains)
            throw new SpecException($"domains={spec.Domains}: data.domains names {chosen.Count}; set domains={chosen.Count}");
        if (spec.Domains > names.Count)
            throw new SpecException($"domains={spec.Domains}: {spec.Dataset} has {names.Count}");
        var classes = spec.Dataset switch
        {
            "core50" => Core50Stream.ClassesOf(spec.Data.Labels),
            "pacs" => PacsStream.AllClasses,
            "emoji-styles" => EmojiStyles.AllClasses,
            "emoji-sessions" => EmojiSessions.ClassesOf(spec.Data.Labels),
            Folder => FolderStream.ClassesOf(spec.Data.Source),
            _ => null,
        };
        if (classes is not null)
            Chosen("data.classes", spec.Data.Classes, classes, classes.Count);
        if (DataSettings.Members(spec.Data.Classes).Count == 1)
            throw new SpecException($"data.classes={spec.Data.Classes}: at least two classes are needed");
        var needed = (double)spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor;
        var smallest = spec.Dataset == "r-mnist" && spec.Data.Source == "mnist" ? SmallestMnistClass : int.MaxValue;
        var available = spec.Data.ImagesPerClass > 0 ? Math.Min(spec.Data.ImagesPerClass, smallest) : smallest;
        if (spec.Distillation.RealImages > available)
            throw new SpecException($"distillation.realImages={spec.Distillation.RealImages}: {spec.Dataset} has {available} training images in its smallest class");
        if (needed > available)
            throw new SpecException($"ipc={spec.Ipc}: the start needs {needed} real images a class, but {spec.Dataset} has {available} in its smallest class; lower ipc or distillation.factor");
    }

    private static List<int> Chosen(string key, string list, IReadOnlyList<string> names, int first)
    {
        if (list.Length == 0)
            return [.. Enumerable.Range(0, first)];
        var chosen = DataSettings.Members(list).Select(member => names.Index().Where(n => n.Item == member).Select(n => n.Index).FirstOrDefault(-1)).ToList();
        return chosen.Count > 0 && !chosen.Contains(-1) && chosen.Distinct().Count() == chosen.Count
            ? chosen
            : throw new SpecException($"{key}={list}: name each once, separated by commas, out of {string.Join(", ", names)}");
    }

    internal static bool HasColor(RunSpec spec) => spec.Dataset != "r-mnist";

    /// <summary>The shape of a valid spec's images.</summary>
    internal static ImageShape Shape(RunSpec spec) => spec.Dataset == "r-mnist"
        ? new ImageShape(1, DigitSize(spec), DigitSize(spec))
        : new ImageShape(3, Resolution(spec), Resolution(spec));

    private static int DigitSize(RunSpec spec) => spec.Data.Resolution == 0 ? Mnist.Size : spec.Data.Resolution;

    private static int Resolution(RunSpec spec) => spec.Data.Resolution == 0 ? DefaultResolution : spec.Data.Resolution;

    // The domains that are named are counted among the paper's, or among the angles given.
    private static int Rotations(RunSpec spec) => AngleList(spec)?.Count ?? (spec.Data.Domains.Length > 0 ? PaperRotations : spec.Domains);

    private static IReadOnlyList<double> Degrees(RunSpec spec) => AngleList(spec) ?? (spec.Data.Angles == "mammoth"
        ? RotatedMnist.Independent(Rotations(spec), new Randomness(spec.Seed))
        : RotatedMnist.Sectors(Rotations(spec), new Randomness(spec.Seed)));

    private static List<double>? AngleList(RunSpec spec) => spec.Data.Angles is "sectors" or "mammoth" ? null
        : DataSettings.Members(spec.Data.Angles).Select(member => double.TryParse(member, CultureInfo.InvariantCulture, out var degrees) && Math.Abs(degrees) <= 360 ? degrees : double.NaN).ToList()
            is { Count: > 0 } list && !list.Exists(double.IsNaN)
        ? list
        : throw new SpecException($"data.angles={spec.Data.Angles}: choose sectors, mammoth, or degrees from -360 to 360 separated by commas");

    private static Mnist Digits(string source, string? root) => source == "mnist" ? Mnist.Load(DataSetInfo.Of("r-mnist").Find(root))
        : Path.IsPathRooted(source) ? Mnist.LoadIdx(source)
        : source == "fashion-mnist" ? Mnist.LoadIdx(DataSetInfo.Of(source).Find(root))
        : Mnist.LoadIdx(DataFolder.Find(source, root));

    private static FolderStream OwnPictures(RunSpec spec, Device? device)
    {
        var listing = FolderStream.Listing(spec.Data.Source);
        return listing == spec.Data.Listing ? new FolderStream(spec.Data.Source, Resolution(spec), seed: spec.Data.Seed, device: device)
            : throw new DataSetException($"{spec.Data.Source}: pictures were added, taken away or changed since the spec was written (SHA-256 of the listing {listing}, expected {spec.Data.Listing}); "
                + "restore them, or start a new run with --data-folder");
    }

    // The cache where there is one, else the official folder, decoded as the run goes.
    private static IImageSource Pictures(string name, IReadOnlyList<string> classes, int size, string? root, Func<string, bool> isOfficial, Func<string, int, ImageCatalogue> read)
    {
        var information = DataSetInfo.Of(name);
        var folder = information.Find(root);
        return File.Exists(CachePath(folder, name, size)) ? new ImageCache(CachePath(folder, name, size), classes, size)
            : isOfficial(folder) ? read(folder, size)
            : throw information.Missing(root);
    }
}
