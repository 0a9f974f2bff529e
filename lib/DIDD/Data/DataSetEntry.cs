namespace DIDD.Data;

/// <summary>What is asked of a data set.</summary>
/// <param name="Settings">Which of it, and how it is made.</param>
/// <param name="Domains">Domains wanted, where the settings name none.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Root">A folder of data sets that goes before all others, or null.</param>
/// <param name="Device">Where the images shall live; null for the CPU.</param>
public sealed record DataRequest(DataSettings Settings, int Domains, long Seed = 0, string? Root = null, Device? Device = null);

/// <summary>Training and test images of a domain per class, as they are published.</summary>
/// <param name="Train">[C].</param>
/// <param name="Test">[C].</param>
public sealed record PublishedCounts(IReadOnlyList<int> Train, IReadOnlyList<int> Test)
{
    /// <summary>As many of every class.</summary>
    internal static PublishedCounts Even(int classes, int train, int test) =>
        new([.. Enumerable.Repeat(train, classes)], [.. Enumerable.Repeat(test, classes)]);
}

/// <summary>What is known of a data set before it is opened.</summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="Open">Opens all its domains; the settings' lists and numbers of images are taken from it afterwards.</param>
/// <param name="DomainNames">The names by which <see cref="DataSettings.Domains"/> knows its domains, in full. A <see cref="FormatException"/> says which setting is wrong, as Count may.</param>
public sealed record DataSetEntry(string Name, Func<DataRequest, DomainStream> Open, Func<DataRequest, IReadOnlyList<string>> DomainNames) : Entry<DataSetEntry>(Name)
{
    /// <summary>Where it comes from; others by the name of which its source can be set.</summary>
    public IReadOnlyList<DataSetInfo> Sources { get; init; } = [];

    /// <summary>Domains where none are named: as many as are wanted, up to those of the default order; null for all that have a name.</summary>
    public Func<DataRequest, int>? Count { get; init; }

    /// <summary>Names of the classes; null where only the files say them.</summary>
    public Func<DataSettings, IReadOnlyList<string>?> Classes { get; init; } = _ => null;

    /// <summary>Training images of the smallest class, where that is known.</summary>
    public Func<DataSettings, int> SmallestClass { get; init; } = _ => int.MaxValue;

    /// <summary>Channels of an image.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Height and width of an image, where the settings name none.</summary>
    public int Size { get; init; } = 32;

    /// <summary>Heights and widths that it can be had at, beside its own.</summary>
    public IReadOnlyList<int> Resolutions { get; init; } = [32, 64];

    /// <summary>Whether an image that is mirrored is still one of its class.</summary>
    public bool MayBeMirrored { get; init; } = true;

    /// <summary>What its classes are unless a spec says otherwise.</summary>
    public LabelLevel Labels { get; init; }

    /// <summary>Real images of a class and training images in a batch, in the paper; null for those of every data set.</summary>
    public int? Batch { get; init; }

    /// <summary>Real images of a class that it has for a batch, at a profile.</summary>
    public Func<string, int> LargestBatch { get; init; } = _ => int.MaxValue;

    /// <summary>Stored images per class of its presets.</summary>
    public IReadOnlyList<int> Ipcs { get; init; } = [1, 10, 20];

    /// <summary>Published images of a domain, by the settings and the domain's name; null where they are not published.</summary>
    public Func<DataSettings, string, PublishedCounts?> Published { get; init; } = (_, _) => null;

    /// <summary>Published images of all domains; null where it is the sum of the domains'.</summary>
    public int? PublishedImages { get; init; }

    /// <summary>Reads the owners' folder at a size; null where nothing can be prepared from one.</summary>
    internal Func<string, int, ImageCatalogue>? Prepare { get; init; }

    /// <summary>Height and width of an image.</summary>
    /// <param name="settings">Settings.</param>
    public int SizeOf(DataSettings settings) => settings.Resolution == 0 ? Size : settings.Resolution;
}
