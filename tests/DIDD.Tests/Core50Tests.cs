using DIDD.Data;
using DIDD.Experiments;

namespace DIDD.Tests;

public sealed class MadeCore50 : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("didd-core50-").FullName;

    public MadeCore50() => MadeFolders.Core50(Path.Combine(Root, "core50"));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

public sealed class Core50Tests(MadeCore50 made) : IClassFixture<MadeCore50>
{
    private static RunSpec Spec(params string[] settings) => settings.Aggregate(Profiles.Spec("paper", "core50"), (spec, setting) => spec.With(setting.Split('=')[0], setting.Split('=')[1]));

    [Fact]
    public void Sessions_AreSplit80To20_WithTheSeed()
    {
        using var stream = Streams.Open(Spec("data.domains=s1,s2"), made.Root);
        using var same = Streams.Open(Spec("data.domains=s2"), made.Root);
        using var other = Streams.Open(Spec("data.domains=s2", "data.seed=1"), made.Root);
        // 50 objects with 5 frames each; what computers leave behind is passed over.
        Assert.Equal((200, 50, 50), (stream.Train(0).Count, stream.Test(0).Count, stream.Classes.Count));
        Assert.Equal(stream.Train(1).Labels, same.Train(0).Labels);
        Assert.NotEqual(stream.Train(1).Labels, other.Train(0).Labels);
        Assert.Equal(Enumerable.Repeat(5, 50), stream.Train(0).ByClass.Zip(stream.Test(0).ByClass, (train, test) => train.Count + test.Count));
    }

    [Fact]
    public void Categories_AreFiveObjectsEach()
    {
        using var stream = Streams.Open(Spec("data.labels=categories", "data.domains=s5"), made.Root);
        Assert.Equal("plug_adapter mobile_phone scissor light_bulb can glass ball marker cup remote_control", string.Join(' ', stream.Classes));
        Assert.Equal(Enumerable.Repeat(25, 10), stream.Train(0).ByClass.Zip(stream.Test(0).ByClass, (train, test) => train.Count + test.Count));
    }

    [Fact]
    public void NewInstances_HasEightDomainsAndOneTestSet()
    {
        var spec = Spec("data.split=newInstances");
        Assert.Equal(8, spec.Domains);
        using var stream = Streams.Open(spec, made.Root);
        Assert.Equal("s1 s2 s4 s5 s6 s8 s9 s11", string.Join(' ', stream.Domains));
        Assert.Equal((250, 750), (stream.Train(0).Count, stream.Test(0).Count));
        Assert.Same(stream.Test(0), stream.Test(7));
    }

    [Fact]
    public void PreparedCache_GivesTheSameImages()
    {
        var root = Directory.CreateTempSubdirectory("didd-core50-cache-").FullName;
        try
        {
            DataPreparation.Prepare("core50", Path.Combine(made.Root, "core50"), 32, root);
            using var raw = Streams.Open(Spec("data.domains=s7"), made.Root);
            using var cached = Streams.Open(Spec("data.domains=s7"), root);
            using var indices = TorchSharp.torch.tensor(raw.Test(0).Stratified(0));
            using var expected = raw.Test(0).Images(indices);
            using var found = cached.Test(0).Images(indices);
            Assert.Equal(expected.bytes.ToArray(), found.bytes.ToArray());
            Assert.Equal("2750 images in all, expected 164866", Assert.Single(DataVerification.Verify("core50", root).Deviations));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void FrameInTheWrongFolder_AndObjectWithoutFrames_AreRefused()
    {
        var folder = Directory.CreateTempSubdirectory("didd-core50-bad-").FullName;
        try
        {
            var first = Directory.CreateDirectory(Path.Combine(folder, "s1", "o1")).FullName;
            MadeFolders.Picture(Path.Combine(first, "C_01_01_000.png"), 8, 0);
            Assert.Contains("s1 has no image of the class o2", Assert.Throws<DataSetException>(() => Core50Folder.Read(folder, 32)).Message, StringComparison.Ordinal);
            MadeFolders.Picture(Path.Combine(first, "C_02_01_000.png"), 8, 0);
            Assert.Contains("C_02_01_000.png", Assert.Throws<DataSetException>(() => Core50Folder.Read(folder, 32)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
