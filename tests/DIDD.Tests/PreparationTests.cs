using DIDD.Data;
using DIDD.Experiments;

namespace DIDD.Tests;

public sealed class PreparationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-prepare-").FullName;
    private readonly string _official;
    private readonly string _root;

    public PreparationTests()
    {
        _official = MadeFolders.Pacs(Path.Combine(_folder, "official"));
        _root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Cache => Path.Combine(_root, "pacs", "pacs32.safetensors");

    [Fact]
    public void Cache_HoldsWhatTheOfficialFolderShows_AndNothingElseIsWritten()
    {
        var before = MadeFolders.Snapshot(_official);
        Assert.Equal(Cache, DataPreparation.Prepare("pacs", _official, 32, _root).Path);
        Assert.Equal([Cache], MadeFolders.Snapshot(_root).Keys);
        Assert.Equal(before, MadeFolders.Snapshot(_official));
        var catalogue = PacsFolder.Read(_official, 32);
        var cache = new ImageCache(Cache, catalogue.Classes, 32);
        using var file = Safetensors.Read(Cache);
        foreach (var part in catalogue.Parts)
        {
            using var expected = catalogue.Images(part);
            using var found = cache.Images(part);
            Assert.Equal(catalogue.Labels(part), cache.Labels(part));
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([.. expected.bytes.ToArray(), .. catalogue.Labels(part).Select(label => (byte)label)])), file.Metadata[$"sha256.{part}"]);
            Assert.Equal(expected.bytes.ToArray(), found.bytes.ToArray());
        }
    }

    [Fact]
    public void StoppedPreparation_GoesOnAfterTheFinishedParts_AndEndsWithTheSameBytes()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => DataPreparation.Prepare("pacs", _official, 32, _root, (done, all) =>
        {
            Assert.Equal(84, all);
            if (done == 30)
                stop.Cancel();
        }, stop.Token));
        Assert.False(File.Exists(Cache));
        // The first two parts, 14 and 7 images, were finished; one that was damaged meanwhile is made again.
        string[] parts = [Path.Combine($"{Cache}.parts", "photo.train.safetensors"), Path.Combine($"{Cache}.parts", "photo.test.safetensors")];
        Assert.Equal(parts.Order(), Directory.GetFiles($"{Cache}.parts").Order());
        File.WriteAllText(parts[1], "half a part");
        var seen = new System.Collections.Concurrent.ConcurrentBag<int>();
        DataPreparation.Prepare("pacs", _official, 32, _root, (done, _) => seen.Add(done));
        Assert.Equal(Enumerable.Range(14, 71), seen.Distinct().Order());
        var other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        DataPreparation.Prepare("pacs", _official, 32, other);
        Assert.Equal(File.ReadAllBytes(Path.Combine(other, "pacs", "pacs32.safetensors")), File.ReadAllBytes(Cache));
        Assert.False(Directory.Exists($"{Cache}.parts"));
    }

    // The named folder alone is written to, and a cache that somebody made is not replaced: it may be the only copy.
    [Fact]
    public void NamedRoot_IsWrittenTo_ThoughAnotherPlaceHasTheSet_AndNoCacheIsReplaced()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere", "pacs")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "pacs32.safetensors"), "somebody's");
        var variable = Environment.GetEnvironmentVariable(DataFolder.Variable);
        try
        {
            Environment.SetEnvironmentVariable(DataFolder.Variable, Path.GetDirectoryName(elsewhere));
            Assert.Equal(Cache, DataPreparation.Prepare("pacs", _official, 32, _root).Path);
            Assert.Contains("is not replaced", Assert.Throws<DataSetException>(() => DataPreparation.Prepare("pacs", _official, 32)).Message, StringComparison.Ordinal);
            Assert.Contains("is not replaced", Assert.Throws<DataSetException>(() => DataPreparation.Prepare("pacs", _official, 32, _root)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(DataFolder.Variable, variable);
        }
        Assert.Equal("somebody's", File.ReadAllText(Path.Combine(elsewhere, "pacs32.safetensors")));
    }

    [Fact]
    public void CacheOfAnotherSize_OrChangedImages_AreRefusedWithTheFile()
    {
        DataPreparation.Prepare("pacs", _official, 32, _root);
        var classes = PacsFolder.Read(_official, 32).Classes;
        var error = Assert.Throws<DataSetException>(() => new ImageCache(Cache, classes, 64).Images("photo.train"));
        Assert.Contains("expected [14,3,64,64]", error.Message, StringComparison.Ordinal);
        var content = File.ReadAllBytes(Cache);
        content[^5000] ^= 1;
        File.WriteAllBytes(Cache, content);
        var changed = new ImageCache(Cache, classes, 32);
        Assert.Contains("SHA-256", Assert.Throws<DataSetException>(() => changed.Images("sketch.train")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r-mnist", 32, "nothing to prepare")]
    [InlineData("pacs", 48, "choose 32 or 64")]
    public void WhatCannotBePrepared_IsRefused(string name, int size, string part) =>
        Assert.Contains(part, Assert.Throws<SpecException>(() => DataPreparation.Prepare(name, _official, size, _root)).Message, StringComparison.Ordinal);

    [Fact]
    public void DamagedPicture_StopsThePreparationWithItsName()
    {
        var picture = Path.Combine(_official, "images", "cartoon", "house", "pic_249.jpg");
        File.WriteAllBytes(picture, File.ReadAllBytes(picture)[..40]);
        Assert.Contains(picture, Assert.Throws<DataSetException>(() => DataPreparation.Prepare("pacs", _official, 32, _root)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Cache));
    }
}
