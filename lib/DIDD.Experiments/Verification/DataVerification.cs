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
    /// <summary>The spec that shows all of a data set.</summary>
    /// <param name="name">One of the names in <see cref="DataSetInfo.All"/>.</param>
    /// <param name="size">Height and width, pixels; 0 for the set's own.</param>
    public static RunSpec Whole(string name, int size = 0)
    {
        var entry = DataSetEntry.ByName.Values.First(entry => entry.Sources.Contains(DataSetInfo.Of(name)));
        var spec = Profiles.Spec("paper", entry.Name);
        spec = spec with { Data = spec.Data with { Resolution = size, Source = name == entry.Name ? spec.Data.Source : name } };
        // R-MNIST has as many domains as are wanted.
        if (Streams.DomainNames(spec with { Domains = 1 }).Count is > 1 and var all)
            spec = spec with { Domains = all, Data = spec.Data with { Domains = string.Join(',', Streams.DomainNames(spec)) } };
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
        var spec = Whole(name, size);
        var entry = Streams.Entry(spec);
        using var stream = Streams.Open(spec, root);
        var domains = stream.Domains.Select((domain, t) => new DomainCounts(domain, Counts(stream.Train(t)), Counts(stream.Test(t)))).ToList();
        var images = domains.Sum(domain => domain.Train.Sum() + domain.Test.Sum());
        IEnumerable<string> inAll = entry.PublishedImages is { } expected && expected != images ? [$"{images} images in all, expected {expected}"] : [];
        return new DataReport(domains, [.. inAll, .. domains.SelectMany(domain => entry.Published(spec.Data, domain.Domain) is { } published ? Deviations(domain, published, stream.Classes) : [])]);
    }

    private static IEnumerable<string> Deviations(DomainCounts found, PublishedCounts published, IReadOnlyList<string> classes)
    {
        return Side("training", found.Train, published.Train).Concat(Side("test", found.Test, published.Test));

        IEnumerable<string> Side(string side, IReadOnlyList<int> counts, IReadOnlyList<int> expected) => counts.Count == expected.Count
            ? counts.Zip(expected).Index().Where(c => c.Item.First != c.Item.Second).Select(c => $"{found.Domain}, {classes[c.Index]}: {c.Item.First} {side} images, expected {c.Item.Second}")
            : [$"{found.Domain}: {counts.Count} classes, expected {expected.Count}"];
    }

    private static List<int> Counts(DomainSet set) => [.. set.ByClass.Select(images => images.Count)];
}
