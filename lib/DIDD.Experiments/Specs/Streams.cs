namespace DIDD.Experiments;

/// <summary>The data sets of specs, opened and checked by their entries.</summary>
public static class Streams
{
    /// <summary>Opens the stream of a spec: its domains and classes, in its order.</summary>
    /// <param name="spec">A valid spec.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <param name="device">Where the images shall live; the CPU by default.</param>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    /// <exception cref="SpecException">There is no such data set, or the data have no such class.</exception>
    public static DomainStream Open(RunSpec spec, string? root = null, Device? device = null)
    {
        var whole = Ask(spec, (entry, asked) => entry.Open(asked with { Root = root, Device = device }));
        try
        {
            var domains = Chosen("data.domains", spec.Data.Domains, DomainNames(spec), spec.Domains);
            var classes = Chosen("data.classes", spec.Data.Classes, whole.Classes, whole.Classes.Count);
            var arrival = spec.Data.Arriving == 0 ? null : new ClassArrival(spec.Data.Arriving, spec.Data.Returning);
            if (arrival is not null && Enumerable.Range(0, domains.Count).FirstOrDefault(domain => !arrival.At(domain, classes.Count).Any(), -1) is > 0 and var empty)
                throw new SpecException($"data.arriving={spec.Data.Arriving}: the {classes.Count} classes have all arrived after {empty} domains, and domain {empty + 1} has none; set domains={empty}, or data.returning=true");
            var all = domains.SequenceEqual(Enumerable.Range(0, whole.Domains.Count)) && classes.SequenceEqual(Enumerable.Range(0, whole.Classes.Count)) && spec.Data.ImagesPerClass == 0;
            return all && arrival is null ? whole : new SelectedStream(whole, domains, classes, spec.Data.ImagesPerClass, new Randomness(spec.Data.Seed), arrival: arrival);
        }
        catch (SpecException)
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>The names by which <c>data.domains</c> knows the domains, in full; R-MNIST's are the numbers of its rotations.</summary>
    public static IReadOnlyList<string> DomainNames(RunSpec spec) => Ask(spec, (entry, asked) => entry.DomainNames(asked));

    /// <summary>The data set of a spec.</summary>
    /// <exception cref="SpecException">There is no such data set.</exception>
    internal static DataSetEntry Entry(RunSpec spec) => DataSetEntry.ByName.GetValueOrDefault(spec.Dataset)
        ?? throw new SpecException($"dataset={spec.Dataset}: not known; choose one of {string.Join(", ", DataSetEntry.ByName.Keys)}");

    // T as the data settings have it: the domains that are named, else as many as the data set has of those that the spec asks for.
    internal static int Count(RunSpec spec) => spec.Data.Domains.Length > 0 ? DataSettings.Members(spec.Data.Domains).Count : DefaultCount(spec);

    internal static int DefaultCount(RunSpec spec) => Ask(spec, (entry, asked) => entry.Count?.Invoke(asked) ?? Math.Min(spec.Domains, entry.DomainNames(asked).Count));

    // What can be known of a spec against its data without reading them.
    internal static void Validate(RunSpec spec)
    {
        if (spec.Data.Resolution != 0 && !Entry(spec).Resolutions.Contains(spec.Data.Resolution))
            throw new SpecException($"data.resolution={spec.Data.Resolution}: of {spec.Dataset} choose one of {string.Join(", ", Entry(spec).Resolutions)}, or 0 for the set's own");
        if (spec.Data.ImagesPerClass < 0)
            throw new SpecException($"data.imagesPerClass={spec.Data.ImagesPerClass}: must be at least 0, which means all");
        if (spec.Data.Arriving < 0 || (spec.Data.Arriving == 0 && spec.Data.Returning))
            throw new SpecException($"data.arriving={spec.Data.Arriving}: must be at least {(spec.Data.Returning ? "1 where classes return" : "0, which means that all classes are there from the first domain on")}");
        var names = DomainNames(spec);
        var chosen = Chosen("data.domains", spec.Data.Domains, names, spec.Domains);
        if (chosen.Count != spec.Domains)
            throw new SpecException($"domains={spec.Domains}: data.domains names {chosen.Count}; set domains={chosen.Count}");
        if (spec.Domains > names.Count)
            throw new SpecException($"domains={spec.Domains}: {spec.Dataset} has {names.Count}");
        if (Entry(spec).Classes(spec.Data) is { } classes)
            Chosen("data.classes", spec.Data.Classes, classes, classes.Count);
        if (DataSettings.Members(spec.Data.Classes).Count == 1)
            throw new SpecException($"data.classes={spec.Data.Classes}: at least two classes are needed");
        var needed = (double)spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor;
        var smallest = Entry(spec).SmallestClass(spec.Data);
        var available = spec.Data.ImagesPerClass > 0 ? Math.Min(spec.Data.ImagesPerClass, smallest) : smallest;
        if (spec.Distillation.RealImages > available)
            throw new SpecException($"distillation.realImages={spec.Distillation.RealImages}: {spec.Dataset} has {available} training images in its smallest class");
        if (needed > available)
            throw new SpecException($"ipc={spec.Ipc}: the start needs {needed} real images a class, but {spec.Dataset} has {available} in its smallest class; lower ipc or distillation.factor");
    }

    /// <summary>The shape of a valid spec's images.</summary>
    internal static ImageShape Shape(RunSpec spec)
    {
        var (channels, size) = (Entry(spec).Channels, Entry(spec).SizeOf(spec.Data));
        return new ImageShape(channels, size, size);
    }

    private static T Ask<T>(RunSpec spec, Func<DataSetEntry, DataRequest, T> what)
    {
        try
        {
            return what(Entry(spec), new DataRequest(spec.Data, spec.Domains, spec.Seed));
        }
        catch (FormatException e)
        {
            throw new SpecException(e.Message);
        }
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
}
