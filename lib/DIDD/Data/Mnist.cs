using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace DIDD.Data;

/// <summary>
/// The MNIST digits (LeCun, Cortes, Burges): 60,000 training and 10,000 test images, 28×28, 8-bit grey, read from the four original
/// gzipped idx files after comparing them with the MD5 sums that their owners publish.
/// </summary>
public sealed class Mnist
{
    /// <summary>Height and width of a digit in pixels.</summary>
    public const int Size = 28;

    /// <summary>Number of classes, the digits 0 to 9.</summary>
    public const int Classes = 10;

    private static readonly (string Name, long Bytes, string Md5)[] Files =
    [
        ("train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"),
    ];

    private Mnist(Digits train, Digits test)
    {
        Train = train;
        Test = test;
    }

    /// <summary>The 60,000 training digits.</summary>
    public Digits Train { get; }

    /// <summary>The 10,000 test digits.</summary>
    public Digits Test { get; }

    /// <summary>Reads and verifies the four files.</summary>
    /// <param name="folder">The folder that holds them.</param>
    /// <exception cref="DataSetException">A file is missing, truncated or not the original.</exception>
    public static Mnist Load(string folder)
    {
        var contents = Files.Select(file => ReadVerified(folder, file.Name, file.Bytes, file.Md5)).ToList();
        return new Mnist(new Digits(Images(contents[0]), Labels(contents[1])), new Digits(Images(contents[2]), Labels(contents[3])));
    }

    private static byte[] ReadVerified(string folder, string name, long bytes, string md5)
    {
        var path = Path.Combine(folder, name);
        const string mend = "restore it with `git checkout -- data/mnist`, or copy the original file of that name there (data/README.md#mnist)";
        if (!File.Exists(path))
            throw new DataSetException($"MNIST: {path} is missing; {mend}");
        var content = File.ReadAllBytes(path);
        if (content.LongLength != bytes)
            throw new DataSetException($"MNIST: {path} has {content.LongLength} bytes, expected {bytes}; {mend}");
#pragma warning disable CA5351 // MD5 is what the owners of the data publish; it guards against damage, not against an adversary.
        var found = Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
        if (found != md5)
            throw new DataSetException($"MNIST: {path} has the MD5 {found}, expected {md5}; {mend}");
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress))
            gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    // The content is verified byte for byte, so the idx headers (magic, count, rows, columns; big-endian) are known to be right.
    private static byte[] Images(byte[] idx) => idx[16..(16 + BinaryPrimitives.ReadInt32BigEndian(idx.AsSpan(4)) * Size * Size)];

    private static byte[] Labels(byte[] idx) => idx[8..(8 + BinaryPrimitives.ReadInt32BigEndian(idx.AsSpan(4)))];

    /// <summary>Digits and their classes.</summary>
    /// <param name="Pixels">N·28·28 grey values, image after image, row after row.</param>
    /// <param name="Labels">N classes, 0 to 9.</param>
    public sealed record Digits(byte[] Pixels, byte[] Labels);
}
