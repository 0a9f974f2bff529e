using DIDD.Data;

namespace DIDD.Experiments;

/// <summary>What <see cref="DataVerification"/> found.</summary>
/// <param name="Domains">Images per class, for training and for test, of every domain.</param>
/// <param name="Deviations">Where that is not what METHOD §6 says, a sentence each.</param>
public sealed record DataReport(IReadOnlyList<DomainCounts> Domains, IReadOnlyList<string> Deviations);

/// <summary>Images of a domain.</summary>
/// <param name="Domain">Name of the domain.</param>
/// <param name="Train">Training images per class.</param>
/// <param name="Test">Test images per class.</param>
public sealed record DomainCounts(string Domain, IReadOnlyList<int> Train, IReadOnlyList<int> Test);

/// <summary>Reads a whole data set, with every checksum that it has, and compares the number of images per domain and class with the published ones.</summary>
public static class DataVerification
{
    private const int Core50Images = 164_866;

    private static readonly (int[] Train, int[] Test) MnistDigits =
        ([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);

    private static readonly (int[] Train, int[] Test) FashionArticles = ([.. Enumerable.Repeat(6000, 10)], [.. Enumerable.Repeat(1000, 10)]);

    private static readonly (int[] Train, int[] Test) EmojiOfAStyle = ([84, 34, 112, 108, 98, 46, 32, 112], [21, 8, 28, 27, 25, 11, 8, 28]);

    private static readonly (int[] Train, int[] Test) FramesOfASession =
        ([.. Enumerable.Repeat(5 * (EmojiSessions.Frames - EmojiSessions.TestFrames), 8)], [.. Enumerable.Repeat(5 * EmojiSessions.TestFrames, 8)]);

    private static readonly Dictionary<string, (int[] Train, int[] Test)> PacsPictures = new()
    {
        ["photo"] = ([170, 181, 163, 167, 179, 251, 388], [19, 21, 19, 19, 20, 29, 44]),
        ["art_painting"] = ([341, 229, 256, 165, 180, 265, 404], [38, 26, 29, 19, 21, 30, 45]),
        ["cartoon"] = ([350, 411, 311, 121, 291, 259, 364], [39, 46, 35, 14, 33, 29, 41]),
        ["sketch"] = ([694, 665, 677, 547, 734, 71, 143], [78, 75, 76, 61, 82, 9, 17]),
    };

    /// <summary>The spec that shows all of a data set.</summary>
    /// <param name="name">One of the names in <see cref="DataSetInfo.All"/>.</param>
    /// <param name="size">Height and width, pixels; 0 for the set's own.</param>
    public static RunSpec Whole(string name, int size = 0)
    {
        var fashion = name == "fashion-mnist";
        var spec = Profiles.Spec("paper", fashion ? "r-mnist" : DataSetInfo.Of(name).Name);
        spec = spec with { Data = spec.Data with { Resolution = size, Source = fashion ? name : spec.Data.Source } };
        if (name != "r-mnist" && !fashion)
            spec = spec with { Domains = Streams.DomainNames(spec).Count, Data = spec.Data with { Domains = string.Join(',', Streams.DomainNames(spec)) } };
        spec.Validate();
        return spec;
    }

    /// <summary>Verifies a data set.</summary>
    /// <param name="name">One of the names in <see cref="DataSetInfo.All"/>.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <param name="size">Height and width, pixels; 0 for the set's own.</param>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    public static DataReport Verify(string name, string? root = null, int size = 0)
    {
        using var stream = Streams.Open(Whole(name, size), root);
        var domains = stream.Domains.Select((domain, t) => new DomainCounts(domain, Counts(stream.Train(t)), Counts(stream.Test(t)))).ToList();
        return new DataReport(domains, [.. name == "core50" ? Core50Deviations(domains) : domains.SelectMany(domain => Deviations(name, domain, stream.Classes))]);
    }

    private static IEnumerable<string> Deviations(string name, DomainCounts found, IReadOnlyList<string> classes)
    {
        var (train, test) = name switch
        {
            "r-mnist" => MnistDigits,
            "fashion-mnist" => FashionArticles,
            "emoji-styles" => EmojiOfAStyle,
            "emoji-sessions" => FramesOfASession,
            _ => PacsPictures[found.Domain],
        };
        return Side("training", found.Train, train).Concat(Side("test", found.Test, test));

        IEnumerable<string> Side(string side, IReadOnlyList<int> counts, int[] expected) => counts.Count == expected.Length
            ? counts.Zip(expected).Index().Where(c => c.Item.First != c.Item.Second).Select(c => $"{found.Domain}, {classes[c.Index]}: {c.Item.First} {side} images, expected {c.Item.Second}")
            : [$"{found.Domain}: {counts.Count} classes, expected {expected.Length}"];
    }

    // Frames per object are not published, only that there are as many in all.
    private static IEnumerable<string> Core50Deviations(List<DomainCounts> domains)
    {
        var images = domains.Sum(domain => domain.Train.Sum() + domain.Test.Sum());
        return images == Core50Images ? [] : [$"{images} images in all, expected {Core50Images}"];
    }

    private static List<int> Counts(DomainSet set) => [.. set.ByClass.Select(images => images.Count)];
}
