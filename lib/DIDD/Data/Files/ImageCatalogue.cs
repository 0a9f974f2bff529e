using System.Runtime.ExceptionServices;

namespace DIDD.Data;

/// <summary>Pictures of a data set, in parts with a name, such as a domain's training images.</summary>
internal interface IImageSource
{
    /// <exception cref="DataSetException">There is no such part.</exception>
    public IReadOnlyList<int> Labels(string part);

    /// <summary>Images of a part, or those of some indices: [n,3,size,size], 8-bit, on the CPU.</summary>
    /// <exception cref="DataSetException">A file is missing or damaged.</exception>
    public Tensor Images(string part, IReadOnlyList<int>? indices = null);
}

/// <summary>The pictures of an official folder: the files of every part and their classes. Decodes when asked.</summary>
internal sealed class ImageCatalogue : IImageSource
{
    private readonly IReadOnlyDictionary<string, Part> _parts;
    private readonly int _size;

    /// <summary>Creates the catalogue of parts, each of which must have images of every class; warnings say what was odd but could be mended.</summary>
    /// <exception cref="DataSetException">A part has no image of a class.</exception>
    public ImageCatalogue(string folder, IReadOnlyList<string> classes, IReadOnlyDictionary<string, Part> parts, IReadOnlyList<string> warnings, int size)
    {
        (Folder, Classes, Warnings, _parts, _size) = (folder, classes, warnings, parts, size);
        foreach (var (name, part) in parts)
            if (Enumerable.Range(0, classes.Count).Except(part.Labels).ToList() is [var empty, ..])
                throw new DataSetException($"{folder}: {name} has no image of the class {classes[empty]}; copy the missing files there");
    }

    public string Folder { get; }

    public IReadOnlyList<string> Classes { get; }

    /// <summary>What was odd but could be mended, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    public IReadOnlyCollection<string> Parts => [.. _parts.Keys];

    /// <exception cref="DataSetException">There is no such part.</exception>
    public IReadOnlyList<string> Files(string part) => Find(part).Files;

    public IReadOnlyList<int> Labels(string part) => Find(part).Labels;

    public Tensor Images(string part, IReadOnlyList<int>? indices = null) => Decode(part, indices);

    /// <summary>Decodes and resizes images of a part, all or some, on all cores, [n,3,size,size], 8-bit; tells of every picture, from any thread.</summary>
    /// <exception cref="DataSetException">A file is missing or no picture.</exception>
    public Tensor Decode(string part, IReadOnlyList<int>? indices = null, Action? decoded = null, CancellationToken cancellation = default)
    {
        var files = Find(part).Files;
        var chosen = indices is null ? files : [.. indices.Select(i => files[i])];
        var bytes = 3 * _size * _size;
        if ((long)chosen.Count * bytes > Array.MaxLength)
            throw new DataSetException($"{Folder}: {part} has {chosen.Count} images, too many at {_size} pixels; take a smaller resolution");
        var pixels = new byte[chosen.Count * bytes];
        try
        {
            Parallel.For(0, chosen.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                using var image = ImageFile.Read(chosen[i], _size);
                image.bytes.CopyTo(pixels.AsSpan(i * bytes, bytes));
                decoded?.Invoke();
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return tensor(pixels, dtype: ScalarType.Byte).view(-1, 3, _size, _size);
    }

    /// <summary>A hash of the part's files (names, lengths, times), their classes and the size: the same as long as nothing was changed.</summary>
    public string Fingerprint(string part)
    {
        var (files, labels) = (Find(part).Files, Find(part).Labels);
        var lines = files.Zip(labels, (file, label) => string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetRelativePath(Folder, file)} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks} {label}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Prepend($"{_size}")))));
    }

    private Part Find(string part) => _parts.TryGetValue(part, out var found) ? found : throw new DataSetException($"{Folder}: has no {part}; put its files there");

    public sealed record Part(IReadOnlyList<string> Files, IReadOnlyList<int> Labels);
}
