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
/// <param name="Domains">Domains in the order in which they arrive, by name (R-MNIST's are the numbers of its rotations, from 1); empty for the first T of the default order.</param>
/// <param name="Classes">Names of the classes, in order; empty for all.</param>
/// <param name="ImagesPerClass">Training images per class and domain at most, drawn at random from <see cref="Seed"/>; 0 for all.</param>
/// <param name="Resolution">Height and width in pixels: 32 or 64, of EmojiSessions also 96 or 128; 0 for the set's own, 28 for R-MNIST and 32 otherwise.</param>
/// <param name="Angles">R-MNIST's angles: <c>sectors</c> (the paper's code), <c>mammoth</c> (independent U(0,180)), or a list of degrees.</param>
/// <param name="Source">The idx files that R-MNIST turns: a folder's path, or its name in a folder of data sets, such as <c>fashion-mnist</c>. Of the data set <c>folder</c>, the path of the pictures.</param>
/// <param name="Listing">SHA-256 of the listing of a folder of pictures (<see cref="FolderStream.Listing"/>); empty for all other data sets.</param>
/// <param name="Arriving">Classes that arrive with every domain, in their order, until all are there; 0 for all with the first.</param>
/// <param name="Returning">Whether classes that have arrived are in every later domain too; else a domain has none but those that arrive with it.</param>
/// <param name="Labels">Classes of CORe50 and EmojiSessions.</param>
/// <param name="Split">Training and test images of CORe50.</param>
/// <param name="Seed">Seed of what is drawn for the data themselves: splits, subsets of images, EmojiSessions. Not the run's, so that runs of several seeds see the same images.</param>
public sealed record DataSettings(
    string Domains = "",
    string Classes = "",
    int ImagesPerClass = 0,
    int Resolution = 0,
    string Angles = "sectors",
    string Source = "mnist",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string Listing = "",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Arriving = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Returning = false,
    LabelLevel Labels = LabelLevel.Objects,
    SessionSplit Split = SessionSplit.PerSession,
    long Seed = 0)
{
    /// <summary>The members of a list.</summary>
    /// <param name="list">A list separated by commas.</param>
    public static IReadOnlyList<string> Members(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
