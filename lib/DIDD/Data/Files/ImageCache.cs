using System.Text.Json;

namespace DIDD.Data;

/// <summary>
/// Decoded pictures in one safetensors file: of every part the images (<c>&lt;part&gt;.images</c> [N,3,size,size], 8-bit) and the classes
/// (<c>&lt;part&gt;.labels</c> [N], 64-bit), with a SHA-256 of each part in the metadata. A part's images are read when asked for.
/// </summary>
internal sealed class ImageCache : IImageSource
{
    private const string Images_ = ".images", Labels_ = ".labels", Sum = "sha256.";

    private readonly Dictionary<string, int[]> _labels = [];
    private readonly IReadOnlyDictionary<string, string> _metadata;
    private readonly int _size;

    /// <summary>Opens a cache of these classes.</summary>
    /// <exception cref="DataSetException">The file is missing, damaged, or holds something else.</exception>
    public ImageCache(string path, IReadOnlyList<string> classes, int size)
    {
        (Path, _size) = (path, size);
        using var file = Safetensors.Read(path, name => name.EndsWith(Labels_, StringComparison.Ordinal));
        _metadata = file.Metadata;
        if (_metadata.GetValueOrDefault("classes") is not { } text || !ClassNames(text).SequenceEqual(classes))
            throw new DataSetException($"{path}: not a cache of the classes {string.Join(", ", classes)}; {Mend}");
        foreach (var (name, tensor) in file.Tensors)
        {
            var part = name[..^Labels_.Length];
            if (tensor.dim() != 1 || tensor.dtype != ScalarType.Int64)
                throw new DataSetException($"{path}: {name} is not a list of 64-bit classes; {Mend}");
            var labels = tensor.data<long>().ToArray();
            if (labels.Any(label => label < 0 || label >= classes.Count))
                throw new DataSetException($"{path}: {name} has classes outside 0 to {classes.Count - 1}; {Mend}");
            _labels[part] = [.. labels.Select(label => (int)label)];
            if (Enumerable.Range(0, classes.Count).Except(_labels[part]).ToList() is [var empty, ..])
                throw new DataSetException($"{path}: {part} has no image of the class {classes[empty]}; {Mend}");
        }
    }

    /// <summary>The file into which <c>didd data prepare</c> decodes a data set.</summary>
    public static string PathOf(string folder, string name, int size) => System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}{size}.safetensors"));

    /// <summary>The cache of a data set where there is one, else its owners' folder, decoded as it is asked for.</summary>
    /// <exception cref="DataSetException">There is neither; the message says where to get the set.</exception>
    public static IImageSource Or(DataSetEntry entry, IReadOnlyList<string> classes, DataRequest asked, Func<string, bool> isOfficial)
    {
        var (information, size) = (DataSetInfo.Of(entry.Name), entry.SizeOf(asked.Settings));
        var folder = information.Find(asked.Root);
        var path = PathOf(folder, entry.Name, size);
        return File.Exists(path) ? new ImageCache(path, classes, size)
            : isOfficial(folder) ? entry.Prepare!(folder, size)
            : throw information.Missing(asked.Root);
    }

    public string Path { get; }

    private static string Mend => "make it again with `didd data prepare`, or restore it";

    /// <summary>Decodes a catalogue into a cache. Parts that an interrupted call has finished are taken up; the file appears whole or not at all.</summary>
    /// <exception cref="DataSetException">A picture is missing or damaged.</exception>
    public static void Write(string path, string dataset, ImageCatalogue catalogue, int size, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var folder = Directory.CreateDirectory($"{path}.parts").FullName;
        var (entries, metadata, done) = (new List<Safetensors.Entry>(), new Dictionary<string, string>(), 0);
        foreach (var part in catalogue.Parts)
        {
            var finished = System.IO.Path.Combine(folder, $"{part}.safetensors");
            metadata[Sum + part] = Finished(finished, catalogue, part, () => progress?.Invoke(Interlocked.Increment(ref done)), cancellation);
            var count = catalogue.Labels(part).Count;
            progress?.Invoke(done = entries.Sum(entry => entry.Shape.Count == 1 ? (int)entry.Shape[0] : 0) + count);
            entries.Add(new(part + Images_, ScalarType.Byte, [count, 3, size, size], () => Member(finished, "images")));
            entries.Add(new(part + Labels_, ScalarType.Int64, [count], () => Member(finished, "labels")));
        }
        metadata["dataset"] = dataset;
        metadata["classes"] = JsonSerializer.Serialize(catalogue.Classes);
        metadata["size"] = size.ToString(CultureInfo.InvariantCulture);
        metadata["resize"] = "bilinear, antialiased";
        metadata["warnings"] = string.Join('\n', catalogue.Warnings);
        Safetensors.Write(path, entries, metadata);
        Directory.Delete(folder, recursive: true);
    }

    public IReadOnlyList<int> Labels(string part) => _labels.TryGetValue(part, out var labels) ? labels : throw new DataSetException($"{Path}: has no {part}; {Mend}");

    public Tensor Images(string part, IReadOnlyList<int>? indices = null)
    {
        var labels = Labels(part);
        using var scope = NewDisposeScope();
        using var file = Safetensors.Read(Path, name => name == part + Images_);
        var images = file.Tensors.GetValueOrDefault(part + Images_) ?? throw new DataSetException($"{Path}: has no {part}{Images_}; {Mend}");
        if (images.dtype != ScalarType.Byte || !images.shape.SequenceEqual([labels.Count, 3, _size, _size]))
            throw new DataSetException($"{Path}: {part}{Images_} is [{string.Join(',', images.shape)}] {images.dtype}, expected [{labels.Count},3,{_size},{_size}] Byte; {Mend}");
        if (_metadata.TryGetValue(Sum + part, out var sum) && Hash(images, labels) is var found && found != sum)
            throw new DataSetException($"{Path}: {part} has the SHA-256 {found}, expected {sum}; {Mend}");
        return (indices is null ? images.clone() : images.index_select(0, tensor(indices.ToArray()))).MoveToOuterDisposeScope();
    }

    // Decodes the part unless an earlier call did, from the same files; returns its checksum.
    private static string Finished(string path, ImageCatalogue catalogue, string part, Action decoded, CancellationToken cancellation)
    {
        var fingerprint = catalogue.Fingerprint(part);
        if (Earlier(path, fingerprint) is { } earlier)
            return earlier;
        using var scope = NewDisposeScope();
        var (images, labels) = (catalogue.Decode(part, null, decoded, cancellation), catalogue.Labels(part));
        var sum = Hash(images, labels);
        Safetensors.Write(
            path,
            new Dictionary<string, Tensor> { ["images"] = images, ["labels"] = tensor(labels.Select(label => (long)label).ToArray()) },
            new Dictionary<string, string> { ["fingerprint"] = fingerprint, ["sha256"] = sum });
        return sum;
    }

    private static string? Earlier(string path, string fingerprint)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using var part = Safetensors.Read(path);
            return part.Metadata.GetValueOrDefault("fingerprint") == fingerprint
                && Hash(part["images"], [.. part["labels"].data<long>().Select(label => (int)label)]) is var sum && sum == part.Metadata.GetValueOrDefault("sha256") ? sum : null;
        }
        catch (DataSetException)
        {
            // Half a part, or another program's: decoded again.
            return null;
        }
    }

    private static Tensor Member(string path, string name)
    {
        using var file = Safetensors.Read(path, member => member == name);
        return file[name].clone();
    }

    private static string Hash(Tensor images, IReadOnlyList<int> labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(images.contiguous().bytes);
        hash.AppendData([.. labels.Select(label => (byte)label)]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string[] ClassNames(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
