using System.Globalization;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>Folders in the layouts of their owners, filled with pictures of random numbers.</summary>
internal static class MadeFolders
{
    public static readonly string[] PacsDomains = ["photo", "art_painting", "cartoon", "sketch"];
    public static readonly string[] PacsClasses = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"];

    /// <summary>PACS: of every domain and class <paramref name="perClass"/> pictures, the last for test; the names of art_painting/dog begin with the one that copies rename.</summary>
    public static string Pacs(string folder, int perClass = 3, int size = 8)
    {
        var lists = Directory.CreateDirectory(Path.Combine(folder, "texts")).FullName;
        foreach (var (d, domain) in PacsDomains.Index())
        {
            var (train, test) = (new List<string>(), new List<string>());
            foreach (var (c, name) in PacsClasses.Index())
                for (var i = 0; i < perClass; i++)
                {
                    var file = string.Create(CultureInfo.InvariantCulture, $"{domain}/{name}/pic_{248 + i}.{(domain == "sketch" ? "png" : "jpg")}");
                    Picture(Path.Combine(folder, "images", file), size, (d * 7 + c) * perClass + i);
                    (i == perClass - 1 ? test : train).Add(string.Create(CultureInfo.InvariantCulture, $"{file} {c + 1}"));
                }
            File.WriteAllLines(Path.Combine(lists, $"{domain}_train_kfold.txt"), train);
            File.WriteAllLines(Path.Combine(lists, $"{domain}_crossval_kfold.txt"), test);
        }
        return folder;
    }

    /// <summary>CORe50: 11 sessions of 50 objects with <paramref name="frames"/> frames, a gap after the first, and the files that computers leave behind.</summary>
    public static string Core50(string folder, int frames = 5, int size = 8)
    {
        // Pictures repeat, since 2,750 encodings take longer than 2,750 copies.
        var pictures = Enumerable.Range(0, 16).Select(seed =>
        {
            var path = Path.Combine(folder, "made.png");
            Picture(path, size, seed);
            return File.ReadAllBytes(path);
        }).ToList();
        File.Delete(Path.Combine(folder, "made.png"));
        for (var s = 1; s <= 11; s++)
            for (var o = 1; o <= 50; o++)
            {
                var target = Directory.CreateDirectory(Path.Combine(folder, "core50_128x128", $"s{s}", $"o{o}")).FullName;
                for (var f = 0; f < frames; f++)
                    File.WriteAllBytes(Path.Combine(target, string.Create(CultureInfo.InvariantCulture, $"C_{s:00}_{o:00}_{(f == 0 ? 0 : f + 3):000}.png")), pictures[(s * 7 + o * 3 + f) % pictures.Count]);
            }
        foreach (var stray in (string[])["s1/o1/.DS_Store", "s1/o1/Thumbs.db", "s1/o1/@eaDir/C_01_01_001.png", "s1/@eaDir/x", "s2/o3/._C_02_03_000.png", "s2/o3/C_02_03_000.png.part"])
        {
            var path = Path.Combine(folder, "core50_128x128", stray);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "no picture");
        }
        return folder;
    }

    /// <summary>Idx files of 28×28 images, <paramref name="train"/> and a quarter as many for test, in 10 classes.</summary>
    public static string Idx(string folder, int train = 40, bool gzip = true)
    {
        Directory.CreateDirectory(folder);
        foreach (var (side, count) in new[] { ("train", train), ("t10k", train / 4) })
        {
            var random = new Random(count);
            var pixels = new byte[count * 784];
            random.NextBytes(pixels);
            IdxFile(Path.Combine(folder, $"{side}-images-idx3-ubyte"), gzip, [0, 0, 8, 3, .. Number(count), .. Number(28), .. Number(28), .. pixels]);
            IdxFile(Path.Combine(folder, $"{side}-labels-idx1-ubyte"), gzip, [0, 0, 8, 1, .. Number(count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]);
        }
        return folder;
    }

    public static void IdxFile(string path, bool gzip, byte[] content)
    {
        if (!gzip)
        {
            File.WriteAllBytes(path, content);
            return;
        }
        using var packed = new System.IO.Compression.GZipStream(File.Create($"{path}.gz"), System.IO.Compression.CompressionLevel.Fastest);
        packed.Write(content);
    }

    public static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static void Picture(string path, int size, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var generator = new Generator((ulong)seed, CPU);
        using var image = randint(256, [3, size, size], ScalarType.Byte, generator: generator);
        // A PNG under the name of a JPEG is decoded by its content, and pixel for pixel.
        ImageFile.WritePng(path, image);
    }

    /// <summary>Every file below a folder with its content's hash.</summary>
    public static IReadOnlyDictionary<string, string> Snapshot(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
}
