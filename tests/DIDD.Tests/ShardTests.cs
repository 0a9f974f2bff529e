using DIDD.Data;
using DIDD.Experiments;

namespace DIDD.Tests;

public sealed class ShardTests : IDisposable
{
    // What the same sums in another order could do at most, per pixel in [0,1].
    private const float Tolerance = 1e-5f;

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-shards-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("asymmetric", "0-3 4-4 5-9")]
    [InlineData("ewc", "0-6 7-9")]
    [InlineData("partition", "0-6 7-9")]
    [InlineData("reservoir", "0-6 7-9")]
    public void MergedShards_EqualTheWholeRun(string rule, string ranges)
    {
        var spec = TinyOf(rule);
        var whole = new Runner(spec, Path.Combine(_folder, "whole")).Execute();
        // In any order.
        var merged = Merge(spec, [.. Shards(spec, ranges).AsEnumerable().Reverse()]);
        Assert.True(merged.Finished);
        Assert.Equal(whole.Spec.Hash, merged.Spec.Hash);
        foreach (var path in Directory.GetFiles(whole.Folder, "domain-*.safetensors"))
        {
            using var expected = Safetensors.Read(path);
            using var actual = Safetensors.Read(Path.Combine(merged.Folder, Path.GetFileName(path)));
            Assert.Equal(expected.Metadata, actual.Metadata);
            Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
            foreach (var (name, tensor) in expected.Tensors)
                Assert.True((tensor - actual[name]).abs().max().to(TorchSharp.torch.float32).item<float>() <= Tolerance, $"{Path.GetFileName(path)}, {name}");
        }
        Assert.Equal(whole.Accuracy.Rows, merged.Accuracy.Rows);
        Assert.Equal(Log(whole), Log(merged));
        var shards = merged.Environment()!.Shards!;
        Assert.Equal(ranges.Split(' ').Length, shards.Count);
        Assert.True(merged.Environment()!.Seconds >= shards.Max(shard => shard.Seconds));
        Assert.Null(whole.Environment()!.Shards);
    }

    [Fact]
    public void Shard_HasTheLabelsOfItsClasses_AndIsNoRun()
    {
        var folder = Shards(TinyOf("finetune"), "3-5").Single();
        using var set = Safetensors.Read(Path.Combine(folder, "domain-02.safetensors"));
        Assert.Equal([3, 4, 5], set["labels"].data<long>().ToArray());
        Assert.Contains("a shard, classes 3-5", Assert.Throws<DataSetException>(() => Run.Open(folder)).Message, StringComparison.Ordinal);
        Assert.Empty(Run.All(_folder));
        Assert.Contains("holds a shard, classes 3-5", Assert.Throws<SpecException>(() => new Runner(TinyOf("finetune"), folder).Execute()).Message, StringComparison.Ordinal);
        Assert.Contains("holds classes 3-5, not 3-6", Assert.Throws<SpecException>(() => new ShardRunner(TinyOf("finetune"), new ClassRange(3, 6), folder).Execute()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StoppedShard_GoesOnWithTheSameBytes()
    {
        var spec = TinyOf("asymmetric");
        var whole = Shards(spec, "2-4").Single();
        var folder = Path.Combine(_folder, "stopped");
        using var stop = new CancellationTokenSource();
        void StopInTheSecondDomain(RunProgress progress)
        {
            if (progress is { Domain: 1, Step: 2 })
                stop.Cancel();
        }
        Assert.Throws<OperationCanceledException>(() => new ShardRunner(spec, new ClassRange(2, 4), folder).Execute(StopInTheSecondDomain, stop.Token));
        int? first = null;
        var shard = new ShardRunner(spec, new ClassRange(2, 4), folder).Execute(progress => first ??= progress.Step);
        Assert.Equal(3, first);
        Assert.Equal(Shard.Read(whole).Sets, shard.Sets);
    }

    [Fact]
    public void ShardsThatDoNotMakeOneRun_AreRefused()
    {
        var spec = TinyOf("finetune");
        var (low, middle, high) = (Shards(spec, "0-3").Single(), Shards(spec, "3-5").Single(), Shards(spec, "6-9").Single());
        void Refused(string part, params string[] folders) =>
            Assert.Contains(part, Assert.Throws<SpecException>(() => ShardMerge.Open(folders)).Message, StringComparison.Ordinal);
        Refused("classes 4-5 of 0-9 are in no shard", low, high);
        Refused("classes 0-2 of 0-9 are in no shard", high, middle);
        Refused("classes 6-9 of 0-9 are in no shard", low, Shards(spec, "4-5").Single());
        Refused($"class 3 is also in {low}", high, middle, low);
        Refused($"class 0 is also in {low}", low, low, high);
        Refused("no such folder", low, Path.Combine(_folder, "nowhere"));
        Refused("a shard of another spec", low, Shards(spec with { Seed = 1 }, "4-9").Single());
        File.Delete(Path.Combine(high, "environment.json"));
        Refused("are not finished", low, high);
        Assert.Contains("no shard here", Assert.Throws<DataSetException>(() => ShardMerge.Open([low, _folder])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("domain-01.safetensors")]
    [InlineData("domain-02.safetensors")]
    [InlineData("log.jsonl")]
    [InlineData("shard.json")]
    public void DamagedShard_IsNamedByMerge_AndMendedByRun(string file)
    {
        var spec = TinyOf("finetune");
        var folders = Shards(spec, "0-4 5-9");
        var expected = Shard.Read(folders[1]);
        var path = Path.Combine(folders[1], file);
        var bytes = File.ReadAllBytes(path);
        bytes[^30] ^= 0x80;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(path, Assert.Throws<DataSetException>(() => ShardMerge.Open(folders)).Message, StringComparison.Ordinal);
        if (file == "shard.json")
        {
            File.WriteAllText(path, "null");
            Assert.Contains(path, Assert.Throws<DataSetException>(() => Shard.Read(folders[1])).Message, StringComparison.Ordinal);
            return;
        }
        // As one that was killed before its end.
        File.Delete(Path.Combine(folders[1], "environment.json"));
        File.Delete(Path.Combine(folders[1], "SHA256SUMS"));
        var warnings = new List<string>();
        Assert.Equal(expected.Sets, new ShardRunner(spec, expected.Range, folders[1]) { Warn = warnings.Add }.Execute().Sets);
        Assert.Contains(path, Assert.Single(warnings), StringComparison.Ordinal);
        ShardMerge.Open(folders);
    }

    [Fact]
    public void LogThatEndsTooEarly_IsNamedByMerge()
    {
        var folders = Shards(TinyOf("finetune"), "0-4 5-9");
        var path = Path.Combine(folders[0], "log.jsonl");
        File.WriteAllLines(path, File.ReadAllLines(path).SkipLast(2));
        Assert.StartsWith($"{path}: damaged or changed", Assert.Throws<DataSetException>(() => ShardMerge.Open(folders)).Message, StringComparison.Ordinal);
        // Shards of older versions have no checksums.
        File.Delete(Path.Combine(folders[0], "SHA256SUMS"));
        Assert.StartsWith($"{path}: 2 records are missing", Assert.Throws<DataSetException>(() => ShardMerge.Open(folders)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MergeIntoTheFolderOfAKilledRun_HasEveryRecordOnce()
    {
        var spec = TinyOf("finetune");
        var folders = Shards(spec, "0-4 5-9");
        var expected = Merge(spec, folders);
        var killed = Path.Combine(_folder, "killed");
        Assert.Throws<InvalidOperationException>(() => new Runner(spec, killed) { CheckpointEvery = TimeSpan.Zero }.Execute(
            progress => _ = progress is { Domain: 1, Step: 3 } ? throw new InvalidOperationException("killed") : progress));
        Assert.True(File.Exists(Path.Combine(killed, "checkpoint.safetensors")));
        var merged = new Runner(spec, killed) { Shards = ShardMerge.Open(folders) }.Execute();
        Assert.Equal(Log(expected), Log(merged));
        Assert.False(File.Exists(Path.Combine(killed, "checkpoint.safetensors")));
    }

    [Fact]
    public void FolderOfARunThatIsUnderWay_IsNoPlaceForAShard_NorTheOtherWayRound()
    {
        var (spec, folder) = (TinyOf("finetune"), Path.Combine(_folder, "begun"));
        static void Stop(RunProgress progress) => _ = progress is { Step: 3 } ? throw new InvalidOperationException("killed") : progress;
        ShardRunner Shard() => new(spec, new ClassRange(0, 4), folder) { CheckpointEvery = TimeSpan.Zero };
        Runner Whole() => new(spec, folder) { CheckpointEvery = TimeSpan.Zero };
        Assert.Throws<InvalidOperationException>(() => Whole().Execute(Stop));
        Assert.Contains($"holds what was done of {spec.Name}, domain 1", Assert.Throws<SpecException>(() => Shard().Execute()).Message, StringComparison.Ordinal);
        Assert.True(Whole().Execute().Finished);
        Directory.Delete(folder, recursive: true);
        Assert.Throws<InvalidOperationException>(() => Shard().Execute(Stop));
        Assert.Contains("holds what was done of", Assert.Throws<SpecException>(() => Whole().Execute()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lwf", "teacher")]
    [InlineData("lf", "teacher")]
    [InlineData("joint-dc", "all classes at once")]
    [InlineData("joint-dsa", "all classes at once")]
    public void RuleWhoseClassesInteract_CannotBeDivided(string rule, string reason) =>
        Assert.Contains(reason, Assert.Throws<SpecException>(() => new ShardRunner(TinyOf(rule), new ClassRange(0, 4), Path.Combine(_folder, "x")).Execute()).Message, StringComparison.Ordinal);

    [Fact]
    public void ClassesThatDoNotExist_AreRefusedAndNothingIsWritten()
    {
        var folder = Path.Combine(_folder, "x");
        Assert.Contains("has 10 classes here, 0-9", Assert.Throws<SpecException>(() => new ShardRunner(TinyOf("finetune"), new ClassRange(5, 10), folder).Execute()).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("0-4", 0, 4)]
    [InlineData("7", 7, 7)]
    public void Range_IsFirstAndLast(string text, int first, int last) => Assert.Equal(new ClassRange(first, last), ClassRange.Parse(text));

    [Theory]
    [InlineData("4-0")]
    [InlineData("-1")]
    [InlineData("0-1-2")]
    [InlineData("0–4")]
    [InlineData("")]
    public void RangeThatIsNone_IsRefused(string text) => Assert.Contains("such as 0-4", Assert.Throws<SpecException>(() => ClassRange.Parse(text)).Message, StringComparison.Ordinal);

    private static RunSpec TinyOf(string rule) => Profiles.Spec("smoke", rule: rule)
        .With("domains", "2").With("distillation.iterations", "5").With("distillation.network.width", "8").With("distillation.realImages", "8")
        .With("evaluation.epochs", "1").With("evaluation.testImages", "50").With("evaluation.network.width", "4")
        .With("herding.candidates", "8").With("herding.network.width", "4").With("ewc.iterations", "2");

    // Without times; means over the classes rounded as sums in another order differ.
    private static IEnumerable<(int, int, double, double?, double?, string, string?)> Log(Run run) => run.Log().Select(record => (
        record.Domain, record.Iteration, Math.Round(record.Plastic, 5), Rounded(record.Stable), Rounded(record.Alpha),
        string.Join(' ', record.Cosines?.Select(cosine => Math.Round(cosine, 4)) ?? []),
        record.Diagnostics?.Tiles is { Alpha: { } alpha } ? string.Join(' ', alpha.Select(value => Math.Round(value, 4))) : null));

    private static double? Rounded(double? value) => value is null ? null : Math.Round(value.Value, 5);

    private List<string> Shards(RunSpec spec, string ranges) => [.. ranges.Split(' ').Select(text =>
    {
        var folder = Path.Combine(_folder, Shard.NameOf(spec, ClassRange.Parse(text)));
        Assert.True(new ShardRunner(spec, ClassRange.Parse(text), folder).Execute().Finished);
        return folder;
    })];

    private Run Merge(RunSpec spec, IReadOnlyList<string> folders) => new Runner(spec, Path.Combine(_folder, "merged")) { Shards = ShardMerge.Open(folders) }.Execute();
}
