using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>The pictures of an official folder: the files of every part and their classes. Decodes when asked.</summary>
internal sealed class ImageCatalogue : IImageSource
{
    private readonly IReadOnlyDictionary<string, Part> _parts;
    private readonly int _size;

    /// <summary>Creates the catalogue.</summary>
    /// <param name="folder">The official folder.</param>
    /// <param name="classes">Names of the classes; every part must have images of each.</param>
    /// <param name="parts">The parts by name.</param>
    /// <param name="warnings">What was odd but could be mended.</param>
    /// <param name="size">Height and width to which pictures are resized, pixels.</param>
    /// <exception cref="DataSetException">A part has no image of a class.</exception>
    public ImageCatalogue(string folder, IReadOnlyList<string> classes, IReadOnlyDictionary<string, Part> parts, IReadOnlyList<string> warnings, int size)
    {
        (Folder, Classes, Warnings, _parts, _size) = (folder, classes, warnings, parts, size);
        foreach (var (name, part) in parts)
            if (Enumerable.Range(0, classes.Count).Except(part.Labels).ToList() is [var empty, ..])
                throw new DataSetException($"{folder}: {name} has no image of the class {classes[empty]}; copy the missing files there");
    }

    /// <summary>The official folder.</summary>
    public string Folder { get; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What was odd but could be mended, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Names of the parts.</summary>
    public IReadOnlyCollection<string> Parts => [.. _parts.Keys];

    /// <summary>The file of every image of a part.</summary>
    /// <param name="part">Name of the part.</param>
    /// <exception cref="DataSetException">There is no such part.</exception>
    public IReadOnlyList<string> Files(string part) => Find(part).Files;

    public IReadOnlyList<int> Labels(string part) => Find(part).Labels;

    public Tensor Images(string part, IReadOnlyList<int>? indices = null) => Decode(part, indices);

    /// <summary>Decodes and resizes images of a part on all cores.</summary>
    /// <param name="part">Name of the part.</param>
    /// <param name="indices">Which of them; null for all.</param>
    /// <param name="decoded">Called after every picture, from any thread.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>[n,3,size,size], 8-bit.</returns>
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
    /// <param name="part">Name of the part.</param>
    public string Fingerprint(string part)
    {
        var (files, labels) = (Find(part).Files, Find(part).Labels);
        var lines = files.Zip(labels, (file, label) => string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetRelativePath(Folder, file)} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks} {label}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Prepend($"{_size}")))));
    }

    private Part Find(string part) => _parts.TryGetValue(part, out var found) ? found : throw new DataSetException($"{Folder}: has no {part}; put its files there");

    /// <summary>Files and their classes.</summary>
    /// <param name="Files">N paths.</param>
    /// <param name="Labels">N classes, from 0.</param>
    public sealed record Part(IReadOnlyList<string> Files, IReadOnlyList<int> Labels);
}
