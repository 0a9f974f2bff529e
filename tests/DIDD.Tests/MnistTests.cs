using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class MnistTests : IDisposable
{
    private const string Images = "t10k-images-idx3-ubyte.gz";

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-mnist-").FullName;

    public MnistTests()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(TestFolder.Repository, "data", "mnist"), "*.gz"))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EmbeddedDigits_AreTheOriginalOnes()
    {
        var mnist = Mnist.Load(_folder);
        Assert.Equal((60_000, 10_000), (mnist.Train.Labels.Length, mnist.Test.Labels.Length));
        Assert.Equal((60_000 * 784, 10_000 * 784), (mnist.Train.Pixels.Length, mnist.Test.Pixels.Length));
        Assert.Equal(5421, mnist.Train.Labels.CountBy(label => label).Min(count => count.Value));
    }

    [Fact]
    public void MissingFile_IsNamedWithTheRemedy()
    {
        File.Delete(Path.Combine(_folder, Images));
        AssertMessage(Images, "missing", "git checkout");
    }

    [Fact]
    public void TruncatedFile_IsNamedWithBothSizes()
    {
        using (var file = File.OpenWrite(Path.Combine(_folder, Images)))
            file.SetLength(1000);
        AssertMessage(Images, "1000 bytes", "1648877", "git checkout");
    }

    [Fact]
    public void ChangedFile_IsNamedWithBothChecksums()
    {
        var path = Path.Combine(_folder, Images);
        var content = File.ReadAllBytes(path);
        content[5000] ^= 1;
        File.WriteAllBytes(path, content);
        AssertMessage(Images, "9fb629c4189551a2d022fa330f9573f3", "MD5", "git checkout");
    }

    [Fact]
    public void Angles_LieInTheirSectors_AndFollowTheSeed()
    {
        var mnist = Mnist.Load(_folder);
        using var stream = new RotatedMnist(mnist, RotatedMnist.Sectors(20, new Randomness(3)));
        Assert.All(stream.Degrees.Select((degrees, t) => (degrees, t)), a => Assert.InRange(a.degrees, 9 * a.t, 9 * (a.t + 1)));
        using var same = new RotatedMnist(mnist, RotatedMnist.Sectors(20, new Randomness(3)));
        using var other = new RotatedMnist(mnist, RotatedMnist.Sectors(20, new Randomness(4)));
        Assert.Equal(stream.Degrees, same.Degrees);
        Assert.NotEqual(stream.Degrees, other.Degrees);
    }

    [Fact]
    public void Images_AreTheUprightDigitsTurned()
    {
        var mnist = Mnist.Load(_folder);
        using var stream = new RotatedMnist(mnist, RotatedMnist.Sectors(4, new Randomness(1)));
        using var images = stream.Test(2).Images(tensor(new long[] { 17, 4000 }));
        var source = NearestRotation.SourceIndices(28, stream.Degrees[2]);
        var expected = new long[] { 17, 4000 }.SelectMany(i => source.Select(pixel => pixel < 784 ? mnist.Test.Pixels[i * 784 + pixel] : (byte)0));
        Assert.Equal(expected, images.data<byte>().ToArray());
        Assert.Equal(mnist.Test.Labels[4000], stream.Test(2).Labels[4000]);
    }

    [Fact]
    public void StratifiedTestImages_HaveAsManyOfEachClass()
    {
        using var stream = new RotatedMnist(Mnist.Load(_folder), RotatedMnist.Sectors(1, new Randomness(1)));
        var test = stream.Test(0);
        Assert.All(test.Stratified(1000).CountBy(i => test.Labels[(int)i]), count => Assert.Equal(100, count.Value));
        Assert.Equal(10_000, test.Stratified(0).Length);
    }

    private void AssertMessage(params string[] parts)
    {
        var message = Assert.Throws<DataSetException>(() => Mnist.Load(_folder)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
