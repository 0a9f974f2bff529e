namespace DIDD.Data;

/// <summary>
/// The MNIST digits (LeCun, Cortes, Burges): 60,000 training and 10,000 test images, 28×28, 8-bit grey, read from the four original
/// gzipped idx files after comparing them with the MD5 sums that their owners publish; or another set in files of the same names.
/// </summary>
internal sealed record Mnist(Mnist.Digits Train, Mnist.Digits Test, string Origin, int ClassCount)
{
    /// <summary>Height and width of a digit in pixels.</summary>
    public const int Size = 28;

    private static readonly (string Name, long Bytes, string Md5)[] Files =
    [
        ("train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"),
    ];

    // The sums say that all originals are alike: unpacked once, as long as somebody has it.
    private static readonly WeakReference<Mnist> Original = new(null!);

    /// <summary>Reads and verifies the four files of MNIST.</summary>
    /// <exception cref="DataSetException">A file is missing, truncated or not the original.</exception>
    public static Mnist Load(string folder)
    {
        foreach (var (name, bytes, md5) in Files)
            Verify(Path.Combine(folder, name), bytes, md5);
        lock (Original)
        {
            if (!Original.TryGetTarget(out var original))
                Original.SetTarget(original = LoadIdx(folder) with { Origin = "MNIST (LeCun, Cortes, Burges), the original files" });
            return original;
        }
    }

    /// <summary>Reads another data set in MNIST's files (Fashion-MNIST, KMNIST, …), gzipped or plain. Its classes are 0 to the highest label.</summary>
    /// <exception cref="DataSetException">A file is missing or damaged, or a class has no training images.</exception>
    public static Mnist LoadIdx(string folder)
    {
        var (train, test) = (Side(folder, "train"), Side(folder, "t10k"));
        var classes = Math.Max(train.Labels.Max(), test.Labels.Max()) + 1;
        if (Enumerable.Range(0, classes).Except(train.Labels.Select(label => (int)label)).ToList() is [var empty, ..])
            throw new DataSetException($"{Path.Combine(folder, LabelsOf("train"))}: no image of class {empty}, though there is a class {classes - 1} in it "
                + $"or in {LabelsOf("t10k")}; copy both files again");
        return new Mnist(train, test, $"the idx files of {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}", classes);
    }

    private static string LabelsOf(string side) => $"{side}-labels-idx1-ubyte";

    private static Digits Side(string folder, string side)
    {
        var digits = new Digits(IdxFile.Read(folder, $"{side}-images-idx3-ubyte", Size, Size), IdxFile.Read(folder, LabelsOf(side)));
        return digits.Labels.Length > 0 && digits.Pixels.Length == digits.Labels.Length * Size * Size
            ? digits
            : throw new DataSetException($"{Path.Combine(folder, LabelsOf(side))}: {digits.Labels.Length} labels, "
                + $"but {digits.Pixels.Length / (Size * Size)} images in {side}-images-idx3-ubyte; copy both files again");
    }

    private static void Verify(string path, long bytes, string md5)
    {
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
    }

    /// <summary>N·28·28 grey values, image after image, row after row, and N classes, from 0.</summary>
    public sealed record Digits(byte[] Pixels, byte[] Labels);
}
