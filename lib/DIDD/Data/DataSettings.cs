namespace DIDD.Data;

/// <summary>What the classes of a set with several objects per category are.</summary>
public enum LabelLevel
{
    /// <summary>Every object is a class.</summary>
    Objects,

    /// <summary>Every category of objects is a class.</summary>
    Categories,
}

/// <summary>How CORe50 is divided into training and test images (METHOD §6).</summary>
public enum SessionSplit
{
    /// <summary>11 domains; of every session 80 % of the frames, drawn at random, are for training and the others for test: the paper's.</summary>
    PerSession,

    /// <summary>CORe50's own new-instances protocol: 8 domains, and sessions s3, s7 and s10 are the test set of them all.</summary>
    NewInstances,
}

/// <summary>Which domains, classes and images of a data set a stream shows, and how they are made. Lists are separated by commas.</summary>
public sealed record DataSettings
{
    /// <summary>Domains in the order in which they arrive, by name (R-MNIST's are the numbers of its rotations, from 1); empty for the first T of the default order.</summary>
    public string Domains { get; init; } = "";

    /// <summary>Names of the classes, in order; empty for all.</summary>
    public string Classes { get; init; } = "";

    /// <summary>Training images per class and domain at most, drawn at random from <see cref="Seed"/>; 0 for all.</summary>
    public int ImagesPerClass { get; init; }

    /// <summary>Height and width in pixels: 32 or 64; 0 for the set's own, 28 for R-MNIST and 32 otherwise.</summary>
    public int Resolution { get; init; }

    /// <summary>R-MNIST's angles: <c>sectors</c> (the paper's code), <c>mammoth</c> (independent U(0,180)), or a list of degrees.</summary>
    public string Angles { get; init; } = "sectors";

    /// <summary>The idx files that R-MNIST turns: a folder's path, or its name in a folder of data sets, such as <c>fashion-mnist</c>. Of the data set <c>folder</c>, the path of the pictures.</summary>
    public string Source { get; init; } = "mnist";

    /// <summary>SHA-256 of the listing of a folder of pictures (<see cref="FolderStream.Listing"/>); empty for all other data sets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string Listing { get; init; } = "";

    /// <summary>Classes that arrive with every domain, in their order, until all are there; 0 for all with the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Arriving { get; init; }

    /// <summary>Whether classes that have arrived are in every later domain too; else a domain has none but those that arrive with it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Returning { get; init; }

    /// <summary>Classes of CORe50 and EmojiSessions.</summary>
    public LabelLevel Labels { get; init; }

    /// <summary>Training and test images of CORe50.</summary>
    public SessionSplit Split { get; init; }

    /// <summary>Seed of what is drawn for the data themselves: splits, subsets of images, EmojiSessions. Not the run's, so that runs of several seeds see the same images.</summary>
    public long Seed { get; init; }

    /// <summary>The members of a list.</summary>
    /// <param name="list">A list separated by commas.</param>
    public static IReadOnlyList<string> Members(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
