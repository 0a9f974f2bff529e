namespace DIDD.Data;

/// <summary>
/// Anybody's pictures: <c>&lt;folder&gt;/&lt;domain&gt;/&lt;class&gt;/*.png</c> (or .jpg, .jpeg, .bmp, .gif, .webp). Every domain has the same classes, those of the first; a
/// share of the pictures of every class and domain, drawn at random, is for test. Pictures are resized to squares and decoded when first asked for.
/// </summary>
public sealed class FolderStream : StoredStream
{
    private const int Fewest = 3;

    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    /// <summary>The data set for specs: the folder that <see cref="DataSettings.Source"/> names, as <see cref="DataSettings.Listing"/> has it.</summary>
    public static DataSetEntry Entry { get; } = new("folder", Open, asked => asked.Settings.Listing.Length > 0
        ? DomainsOf(asked.Settings.Source)
        : throw new FormatException("dataset=folder: name the folder of the pictures with --data-folder, which puts data.source and data.listing into the spec"))
    {
        Row = 5,
        Count = asked => asked.Settings.Listing.Length > 0 && Directory.Exists(asked.Settings.Source) ? Math.Min(asked.Domains, DomainsOf(asked.Settings.Source).Count) : asked.Domains,
        Classes = settings => ClassesOf(settings.Source),
        Ipcs = [],
    };

    private readonly ImageCatalogue _catalogue;

    /// <summary>Finds the pictures and divides them; the same seed gives the same division as long as the names of files and domains in the folder stay, whichever of the domains are taken.</summary>
    /// <param name="folder">The folder of the domains.</param>
    /// <param name="size">Height and width to which pictures are resized, pixels, at least 8.</param>
    /// <param name="domains">Names of the domains in the order in which they arrive; null for all, by name.</param>
    /// <param name="testShare">Share of the pictures that is for test, in (0,1); at least one of each class is for test and two for training.</param>
    /// <param name="seed">Seed of the division.</param>
    /// <param name="device">Where the images live; the CPU by default.</param>
    /// <exception cref="DataSetException">A domain, a class or a picture is missing, a domain has a class that the first has not, or a class has fewer than three pictures.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size or share is out of range.</exception>
    public FolderStream(string folder, int size = 32, IReadOnlyList<string>? domains = null, double testShare = 0.2, long seed = 0, Device? device = null)
        : base(
            "folder", domains ?? DomainsOf(folder), Checked(folder, size, domains ?? DomainsOf(folder), testShare), size,
            "pictures of a folder by domain and class, antialiased bilinear resize", device)
    {
        var (parts, all) = (new Dictionary<string, ImageCatalogue.Part>(), DomainsOf(folder).ToList());
        // By its place among all: which domains are taken, and in what order, does not divide one anew.
        foreach (var (t, domain) in Domains.Index())
            Divide(Path.Combine(folder, domain), t, all.IndexOf(domain), testShare, new Randomness(seed), parts);
        _catalogue = new ImageCatalogue(folder, Classes, parts, [], size);
    }

    /// <summary>The domains of a folder, by name.</summary>
    /// <param name="folder">The folder of the domains.</param>
    /// <exception cref="DataSetException">There is no such folder, or none in it.</exception>
    public static IReadOnlyList<string> DomainsOf(string folder) =>
        !Directory.Exists(folder) ? throw new DataSetException($"{folder}: no such folder; give the one that holds a folder for every domain")
        : Names(folder) is { Count: > 0 } domains ? domains
        : throw new DataSetException($"{folder}: no folders of domains here; put pictures into {Path.Combine(folder, "<domain>", "<class>")}");

    /// <summary>The classes of a folder's first domain, by name.</summary>
    /// <param name="folder">The folder of the domains.</param>
    /// <exception cref="DataSetException">There is no such folder, or no domain in it.</exception>
    public static IReadOnlyList<string> ClassesOf(string folder) => Names(Path.Combine(folder, DomainsOf(folder)[0]));

    /// <summary>SHA-256 of the folder's listing: of every picture its SHA-256 and its path below the folder, as <c>sha256sum</c> writes them, by path. It changes with any picture, and not with the folder's place.</summary>
    /// <param name="folder">The folder of the domains.</param>
    /// <exception cref="DataSetException">There is no such folder, or no domain in it, or a file is no picture.</exception>
    public static string Listing(string folder)
    {
        var lines = from domain in DomainsOf(folder)
                    from name in Names(Path.Combine(folder, domain))
                    from file in Pictures(Path.Combine(folder, domain, name))
                    select $"{Convert.ToHexStringLower(SHA256.HashData(Content(file)))}  {domain}/{name}/{Path.GetFileName(file)}\n";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>The files of the test images of a domain, in their order.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    public IReadOnlyList<string> TestFiles(int domain) => _catalogue.Files(Part(domain, test: true));

    /// <summary>Writes training images of another stream as PNG into such a folder, for examples and tests.</summary>
    /// <param name="stream">The other stream.</param>
    /// <param name="folder">The folder; made where there is none.</param>
    /// <param name="imagesPerClass">Images of every class and domain, the first ones; fewer where there are no more.</param>
    public static void Write(DomainStream stream, string folder, int imagesPerClass)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesPerClass, 1);
        foreach (var (t, domain) in stream.Domains.Index())
            foreach (var (c, indices) in stream.Train(t).ByClass.Index())
            {
                using var scope = NewDisposeScope();
                var target = Directory.CreateDirectory(Path.Combine(folder, domain, stream.Classes[c])).FullName;
                var images = stream.Train(t).Images(tensor([.. indices.Take(imagesPerClass)]));
                for (var i = 0; i < images.shape[0]; i++)
                    ImageFile.WritePng(Path.Combine(target, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{i:0000}.png")), images[i]);
            }
    }

    /// <inheritdoc/>
    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        var part = Part(domain, test);
        return (_catalogue.Images(part), _catalogue.Labels(part));
    }

    private static FolderStream Open(DataRequest asked)
    {
        var (folder, expected, listing) = (asked.Settings.Source, asked.Settings.Listing, Listing(asked.Settings.Source));
        return listing == expected ? new FolderStream(folder, Entry.SizeOf(asked.Settings), seed: asked.Settings.Seed, device: asked.Device)
            : throw new DataSetException($"{folder}: pictures were added, taken away or changed since the spec was written (SHA-256 of the listing {listing}, expected {expected}); "
                + "restore them, or start a new run with --data-folder");
    }

    // The classes, those of the first domain.
    private static List<string> Checked(string folder, int size, IReadOnlyList<string> domains, double testShare)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 8);
        if (!(testShare is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(testShare), testShare, "the share for test lies between 0 and 1, such as 0.2");
        if (domains.Distinct().Count() != domains.Count)
            throw new DataSetException($"{folder}: the domains {string.Join(", ", domains)} name one twice; name each once");
        foreach (var domain in domains)
            if (!Directory.Exists(Path.Combine(folder, domain)))
                throw new DataSetException($"{Path.Combine(folder, domain)}: no such domain; the folder has {string.Join(", ", DomainsOf(folder))}");
        var classes = Names(Path.Combine(folder, domains[0]));
        return classes.Count >= 2 ? classes
            : throw new DataSetException(
                $"{Path.Combine(folder, domains[0])}: {classes.Count} class(es); put the pictures of every class into a folder of its own, at least two");
    }

    private static byte[] Content(string picture)
    {
        try
        {
            var content = File.ReadAllBytes(picture);
            ImageFile.Check(content, picture);
            return content;
        }
        catch (FileNotFoundException e)
        {
            throw new DataSetException($"{picture}: a link to no file; copy the picture there, or take the link away", e);
        }
    }

    private static List<string> Names(string folder) => [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    private static List<string> Pictures(string folder) => [.. Directory.GetFiles(folder).Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];

    private string Part(int domain, bool test) => $"{Domains[domain]}.{(test ? "test" : "train")}";

    private void Divide(string folder, int domain, int place, double testShare, Randomness randomness, Dictionary<string, ImageCatalogue.Part> parts)
    {
        var found = Names(folder);
        if (Classes.Except(found).FirstOrDefault() is { } missing)
            throw new DataSetException($"{folder}: the class {missing} is missing; every domain needs pictures of every class ({string.Join(", ", Classes)}), so add them, or leave the domain or class out");
        if (found.Except(Classes).FirstOrDefault() is { } unknown)
            throw new DataSetException($"{folder}: the class {unknown} is not one of the domain {Domains[0]} ({string.Join(", ", Classes)}); add it there, or take it away here");
        var (train, test) = (new List<(string File, int Label)>(), new List<(string File, int Label)>());
        foreach (var (label, name) in Classes.Index())
        {
            var files = Pictures(Path.Combine(folder, name));
            if (files.Count < Fewest)
                throw new DataSetException($"{Path.Combine(folder, name)}: {files.Count} picture(s) ({string.Join(", ", Endings)}), too few: at least {Fewest}, two for training, since the kernel needs the distance between pictures, and one for test, and in use a few dozen");
            var order = randomness.Draw(files.Count, files.Count, Purpose.FolderSplit, place, label);
            var tested = Math.Clamp((int)Math.Round(testShare * files.Count), 1, files.Count - 2);
            test.AddRange(order.Take(tested).Order().Select(i => (files[(int)i], label)));
            train.AddRange(order.Skip(tested).Order().Select(i => (files[(int)i], label)));
        }
        foreach (var (side, pictures) in new[] { (false, train), (true, test) })
            parts[Part(domain, side)] = new ImageCatalogue.Part([.. pictures.Select(p => p.File)], [.. pictures.Select(p => p.Label)]);
    }
}
