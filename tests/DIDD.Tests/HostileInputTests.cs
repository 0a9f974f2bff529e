using System.Diagnostics;
using CsCheck;
using DIDD.Data;
using DIDD.Experiments;
using SkiaSharp;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>Damaged and malicious files: a typed error with the file's name or correct data, never a crash, a hang, a gigabyte, or a write elsewhere. 2,600 files in all.</summary>
public sealed class HostileInputTests : IDisposable
{
    private const long Gigabyte = 1L << 30;
    private const int LongestSeconds = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-hostile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // What is done to a file: positions and values follow from one number each.
    private static readonly Gen<Func<byte[], byte[]>> Mutation = Gen.OneOf<Func<byte[], byte[]>>(
        Gen.Double[0, 1].Select(length => (Func<byte[], byte[]>)(content => content[..(int)(length * content.Length)])),
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, 7]).Select((position, bit) => (Func<byte[], byte[]>)(content => With(content, (int)(position * (content.Length - 1)), b => (byte)(b ^ (1 << bit))))),
        Gen.Select(Gen.Int[0, 63], Gen.Byte).Select((position, value) => (Func<byte[], byte[]>)(content => With(content, position, _ => value))),
        Gen.Select(Gen.Int[0, 31], Gen.OneOf<byte>(Gen.Const((byte)0x7f), Gen.Const((byte)0xff), Gen.Const((byte)0x80))).Select((position, high) => (Func<byte[], byte[]>)(content => Huge(content, position, high))),
        Gen.Select(Gen.Double[0, 1], Gen.Byte.Array[1, 40]).Select((position, inserted) => (Func<byte[], byte[]>)(content =>
            [.. content[..(int)(position * content.Length)], .. inserted, .. content[(int)(position * content.Length)..]])));

    [Fact]
    public void DamagedPicture_IsATypedError_OrAPictureOfItsSize()
    {
        using var noise = randint(256, [3, 24, 20], ScalarType.Byte);
        var png = Path.Combine(_folder, "picture.png");
        ImageFile.WritePng(png, noise);
        byte[] lossless = File.ReadAllBytes(png), lossy;
        using (var bitmap = SKBitmap.Decode(png))
        using (var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 80))
            lossy = data.ToArray();
        var path = Path.Combine(_folder, "damaged.jpg");
        Gen.Select(Gen.Bool, Mutation, Gen.Bool).Sample((isPng, mutate, repairSum) =>
        {
            var content = mutate(isPng ? lossless : lossy);
            Check(path, isPng && repairSum ? WithHeaderSum(content) : content, () =>
            {
                using var image = ImageFile.Read(path, 32);
                Assert.Equal([3, 32, 32], image.shape);
                using var whole = ImageFile.Read(path);
                // A PNG has sums: what is read is what was written, unless the sum was made to fit.
                if (isPng && !repairSum)
                    Assert.Equal(noise.bytes.ToArray(), whole.bytes.ToArray());
            });
        }, iter: 800, threads: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DamagedIdxFile_IsATypedError_OrAsManyImagesAsLabels(bool gzip)
    {
        var folder = MadeFolders.Idx(Path.Combine(_folder, "idx"), gzip: gzip);
        var names = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        var original = Mnist.LoadIdx(folder);
        Gen.Select(Gen.Int[0, names.Count - 1], Mutation).Sample((which, mutate) =>
        {
            var content = File.ReadAllBytes(names[which]);
            try
            {
                Check(names[which], mutate(content), () =>
                {
                    var read = Mnist.LoadIdx(folder);
                    Assert.Equal(read.Train.Labels.Length * 784, read.Train.Pixels.Length);
                    Assert.All(read.Train.Labels, label => Assert.InRange(label, 0, read.ClassCount - 1));
                    if (gzip)
                        Assert.All(new[] { (original.Train, read.Train), (original.Test, read.Test) }, side =>
                        {
                            Assert.Equal(side.Item1.Pixels, side.Item2.Pixels);
                            Assert.Equal(side.Item1.Labels, side.Item2.Labels);
                        });
                }, Path.GetFileName(names[which]).Replace(".gz", "", StringComparison.Ordinal));
            }
            finally
            {
                File.WriteAllBytes(names[which], content);
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void DamagedCache_IsATypedError_OrTheSameImages()
    {
        MadeFolders.Pacs(Path.Combine(_folder, "official"));
        var path = DataPreparation.Prepare("pacs", Path.Combine(_folder, "official"), 32, _folder).Path;
        var content = File.ReadAllBytes(path);
        var header = 8 + BitConverter.ToInt32(content);
        var classes = MadeFolders.PacsClasses;
        var expected = All(new ImageCache(path, classes, 32));
        // Most of the file is pixels: half of the damage goes to the header.
        Gen.Select(Gen.Bool, Mutation).Sample((inHeader, mutate) =>
            Check(path, inHeader ? [.. mutate(content[..header]), .. content[header..]] : mutate(content), () =>
            {
                var found = All(new ImageCache(path, classes, 32));
                Assert.All(found, part => Assert.Equal(expected[part.Key], part.Value));
            }), iter: 600, threads: 1);

        static Dictionary<string, byte[]> All(ImageCache cache) => PacsFolderParts.ToDictionary(part => part, part =>
        {
            using var images = cache.Images(part);
            return (byte[])[.. images.bytes, .. cache.Labels(part).Select(label => (byte)label)];
        });
    }

    private static IEnumerable<string> PacsFolderParts => MadeFolders.PacsDomains.SelectMany(domain => new[] { $"{domain}.train", $"{domain}.test" });

    [Fact]
    public void HostileList_IsATypedError_OrFilesOfItsDomain()
    {
        var folder = MadeFolders.Pacs(Path.Combine(_folder, "official"), perClass: 2);
        var before = MadeFolders.Snapshot(folder);
        var list = Path.Combine(folder, "texts", "cartoon_train_kfold.txt");
        var content = File.ReadAllBytes(list);
        string[] attacks =
        [
            "../../../../etc/passwd 1", "/etc/passwd 1", "cartoon/../../../etc/passwd 1", "cartoon/dog/../../x 1", "cartoon\\dog\\x.jpg 1", "cartoon/dog/\0 1",
            "cartoon/dog/ 1", "cartoon/dog/. 1", "cartoon/dog/chien_\u00e9.jpg 1", "cartoon//pic_248.jpg 1", "cartoon/dog/pic_248.jpg 99999999999999999999", "~/x/y 1", "file:///etc/passwd 1",
            $"cartoon/dog/{new string('x', 5000)}.jpg 1", "http://example.org/a.jpg 1",
        ];
        var line = Gen.Int[0, attacks.Length - 1].Select(i => attacks[i]);
        Gen.Select(Mutation, line, Gen.Bool, Gen.Bool).Sample((mutate, attack, attacked, latin1) =>
        {
            var bytes = attacked ? [.. content, .. (latin1 ? System.Text.Encoding.Latin1 : System.Text.Encoding.UTF8).GetBytes(attack + "\n")] : mutate(content);
            Check(list, bytes, () =>
            {
                var catalogue = PacsFolder.Read(folder, 32);
                Assert.Equal(catalogue.Labels("cartoon.train").Count, catalogue.Labels("cartoon.train").Count(label => label is >= 0 and < 7));
                using var images = catalogue.Images("cartoon.train");
                Assert.False(attacked, attack);
            }, "cartoon");
        }, iter: 400, threads: 1);
        File.WriteAllBytes(list, content);
        Assert.Equal(before, MadeFolders.Snapshot(folder));
    }

    [Fact]
    public void DamagedEmbeddedSet_IsATypedError_OrTheSameImages()
    {
        var source = Path.Combine(TestFolder.Repository, "data", "emoji-styles");
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "emoji-styles")).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "32"));
        string[] files = ["SHA256SUMS", "labels.csv", "32/line_test.png"];
        foreach (var file in files)
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        var expected = Images();
        Gen.Select(Gen.Int[0, files.Length - 1], Mutation).Sample((which, mutate) =>
        {
            var path = Path.Combine(folder, files[which]);
            var content = File.ReadAllBytes(path);
            try
            {
                Check(path, mutate(content), () => Assert.Equal(expected, Images()), "emoji-styles");
            }
            finally
            {
                File.WriteAllBytes(path, content);
            }
        }, iter: 200, threads: 1);

        byte[] Images()
        {
            using var stream = new EmojiStyles(folder, 32);
            var test = stream.Test(3);
            using var images = test.Images(tensor(test.Stratified(0)));
            return images.bytes.ToArray();
        }
    }

    [Theory]
    [InlineData(60_000, 60_000)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(1, int.MaxValue)]
    [InlineData(0, 5)]
    public void PictureThatClaimsToBeHuge_IsRefusedBeforeMemoryIsTaken(int width, int height)
    {
        var path = Path.Combine(_folder, "bomb.png");
        MadeFolders.Picture(path, 8, 0);
        var content = File.ReadAllBytes(path);
        MadeFolders.Number(width).CopyTo(content, 16);
        MadeFolders.Number(height).CopyTo(content, 20);
        Check(path, WithHeaderSum(content), () =>
        {
            ImageFile.Read(path).Dispose();
            Assert.Fail("a bomb was decoded");
        });
    }

    [Fact]
    public void IdxFileThatUnpacksToAGigabyte_IsRefusedBeforeMemoryIsTaken()
    {
        var folder = MadeFolders.Idx(Path.Combine(_folder, "idx"));
        var path = Path.Combine(folder, "train-images-idx3-ubyte.gz");
        using (var packed = new System.IO.Compression.GZipStream(File.Create(path), System.IO.Compression.CompressionLevel.Fastest))
        {
            packed.Write([0, 0, 8, 3, .. MadeFolders.Number(40), .. MadeFolders.Number(28), .. MadeFolders.Number(28)]);
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 300; i++)
                packed.Write(zeros);
        }
        Check(path, File.ReadAllBytes(path), () =>
        {
            Mnist.LoadIdx(folder);
            Assert.Fail("a bomb was unpacked");
        });
    }

    // Writes the file, reads it, and holds the reader to the promise of this class.
    private static void Check(string path, byte[] content, Action read, string? part = null)
    {
        File.WriteAllBytes(path, content);
        var clock = Stopwatch.StartNew();
        var before = ProcessMemory.ResetPeak();
        try
        {
            read();
        }
        catch (DataSetException e)
        {
            Assert.Contains(part ?? Path.GetFileName(path), e.Message, StringComparison.Ordinal);
        }
        Assert.True(clock.Elapsed.TotalSeconds < LongestSeconds, $"{clock.Elapsed.TotalSeconds:0.0} s");
        Assert.True(ProcessMemory.Peak() - before < Gigabyte, "more than a gigabyte");
    }

    private static byte[] With(byte[] content, int position, Func<byte, byte> change)
    {
        var copy = content.ToArray();
        if (position < copy.Length)
            copy[position] = change(copy[position]);
        return copy;
    }

    private static byte[] Huge(byte[] content, int position, byte high)
    {
        var copy = content.ToArray();
        for (var i = position; i < Math.Min(position + 4, copy.Length); i++)
            copy[i] = i == position ? high : (byte)0xff;
        return copy;
    }

    // Makes the checksum of a PNG's header right, so that what it claims is believed.
    private static byte[] WithHeaderSum(byte[] content)
    {
        if (content.Length < 33)
            return content;
        var sum = 0xffffffffu;
        foreach (var value in content.AsSpan(12, 17))
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
                sum = (sum >> 1) ^ ((sum & 1) * 0xedb88320u);
        }
        MadeFolders.Number((int)~sum).CopyTo(content, 29);
        return content;
    }
}
