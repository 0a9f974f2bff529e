using System.Security.Cryptography;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Experiments;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class CheckpointTests(CheckpointTests.Undisturbed undisturbed) : IClassFixture<CheckpointTests.Undisturbed>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-checkpoint-").FullName;
    private readonly List<string> _warnings = [];

    private static RunSpec Tiny => TinyOf("asymmetric");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("finetune")]
    [InlineData("asymmetric")]
    [InlineData("joint-dsa")]
    public void RunKilledInsideADomain_GoesOnAtTheIterationOfItsCheckpoint_WithTheSameBytesAndLog(string rule)
    {
        var spec = TinyOf(rule);
        var whole = rule == Tiny.Rule ? undisturbed.Run : Execute(spec, "whole");
        Kill(spec, "killed", progress => progress is { Domain: >= 1, Evaluating: false, Step: 6 });
        var steps = new List<int>();
        var resumed = Execute(spec, "killed", progress =>
        {
            if (!progress.Evaluating)
                steps.Add(progress.Step);
        });
        Assert.Equal(6, steps[0]);
        AssertEqual(whole, resumed);
        Assert.Empty(_warnings);
        Assert.Empty(Directory.GetFiles(resumed.Folder, "checkpoint*"));
    }

    [Fact]
    public void SecondsOfARun_AreThoseOfAllItsProcesses()
    {
        Kill(Tiny, "killed", progress => progress is { Domain: 1, Evaluating: false, Step: 6 });
        var seconds = Path.Combine(_folder, "killed", ".seconds");
        Assert.InRange(double.Parse(File.ReadAllText(seconds), System.Globalization.CultureInfo.InvariantCulture), 1e-4, 60);
        File.WriteAllText(seconds, "1000");
        var resumed = Execute(Tiny, "killed");
        Assert.InRange(resumed.Environment()!.Seconds, 1000, 1060);
        Assert.False(File.Exists(seconds));
    }

    [Fact]
    public void RunThatAnOlderVersionBegan_GoesOn_AndHasTheSumsOfAllSets()
    {
        Kill(Tiny, "killed", progress => progress is { Domain: 2, Evaluating: false, Step: 3 });
        var path = Path.Combine(_folder, "killed", "accuracy.json");
        var accuracy = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.True(accuracy.Remove("sets"));
        File.WriteAllText(path, accuracy.ToJsonString());
        AssertEqual(undisturbed.Run, Execute(Tiny, "killed"));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"domains": ["a"], "networks": [], "average": 1, "forgetting": null}""")]
    [InlineData("""{"domains": ["a"], "networks": [[]], "average": 1, "forgetting": null}""")]
    [InlineData("""{"domains": ["a"], "networks": [null], "average": 1, "forgetting": null}""")]
    [InlineData("""{"domains": ["a"], "networks": [[null]], "average": 1, "forgetting": null}""")]
    [InlineData("""{"domains": ["a"], "networks": [[[1e308]]], "average": 1, "forgetting": null}""")]
    [InlineData("""{"domains": null, "networks": [[[1]]], "average": 1, "forgetting": null}""")]
    public void AccuraciesThatAreNone_AreNamed(string content)
    {
        var run = Copy();
        Assert.Equal(3, new SweepCell(Tiny, _folder).DomainsDone);
        var path = Path.Combine(run.Folder, "accuracy.json");
        File.WriteAllText(path, content);
        Assert.StartsWith($"{path}: ", Assert.Throws<DataSetException>(() => Run.Open(run.Folder)).Message, StringComparison.Ordinal);
        Assert.Equal(0, new SweepCell(Tiny, _folder).DomainsDone);
    }

    [Fact]
    public void RunKilledWhileItEvaluates_DoesNotDistilAgain()
    {
        Kill(Tiny, "killed", progress => progress is { Domain: 1, Evaluating: true });
        var resumed = Execute(Tiny, "killed", progress => Assert.True(progress.Evaluating || progress.Domain > 1));
        AssertEqual(undisturbed.Run, resumed);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("empty")]
    public void DamagedCheckpoint_IsNamed_AndTheDomainStartsFromItsBeginning(string damage)
    {
        Kill(Tiny, "killed", progress => progress is { Domain: 1, Evaluating: false, Step: 6 });
        var path = Path.Combine(_folder, "killed", "checkpoint.safetensors");
        Damage(path, damage);
        AssertEqual(undisturbed.Run, Execute(Tiny, "killed"));
        Assert.Contains($"{path}: ", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.EndsWith("domain 2 starts from its beginning", _warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void AnyFlippedBitOfACheckpoint_IsFoundOrDoesNoHarm()
    {
        var path = Path.Combine(_folder, "state.safetensors");
        Checkpoint Open() => new(path, "a run", TimeSpan.Zero, () => "log");
        using var values = tensor([1f, 2f, 3f]);
        using (var checkpoint = Open())
            checkpoint.Write(7, 0.5, state => state["values"] = values);
        var whole = File.ReadAllBytes(path);
        for (var bit = 0; bit < 8 * whole.Length; bit += 3)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(path, flipped);
            using var checkpoint = Open();
            if (Record.Exception(checkpoint.Read) is { } error)
                Assert.StartsWith($"{path}: ", Assert.IsType<DataSetException>(error).Message, StringComparison.Ordinal);
            else
                Assert.Equal((7, 0.5, "log", "1,2,3"), (checkpoint.Iteration, checkpoint.Seconds, checkpoint.Log, string.Join(',', checkpoint.State!["values"].data<float>())));
        }
    }

    [Fact]
    public void CheckpointOfAnotherRunOrDomain_IsPassedOver()
    {
        var path = Path.Combine(_folder, "state.safetensors");
        using var first = new Checkpoint(path, "a run, domain 1", TimeSpan.Zero, () => "");
        first.Write(7, 0.5, _ => { });
        using var second = new Checkpoint(path, "a run, domain 2", TimeSpan.Zero, () => "");
        second.Read();
        Assert.Equal((null, 0), (second.State, second.Iteration));
    }

    [Theory]
    [InlineData("log.jsonl", "cut", "log.jsonl: line 16 is cut or damaged; domain 2 and those after it are computed again")]
    [InlineData("log.jsonl", "gone", "log.jsonl: missing; domain 1 and those after it are computed again")]
    [InlineData("domain-01.safetensors", "gone", "domain-01.safetensors is missing; domain 1 and those after it are computed again")]
    [InlineData("domain-01.safetensors", "flipped", "domain-01.safetensors is damaged: it has not the SHA-256 of accuracy.json; domain 1 and those after it are computed again")]
    [InlineData("domain-02.safetensors", "cut", "domain 2 and those after it are computed again")]
    public void DamagedFileOfADomainDone_IsNamed_AndTheRunRestartsFromTheLastGoodDomain(string file, string damage, string warning)
    {
        Kill(Tiny, "killed", progress => progress is { Domain: 2, Evaluating: false, Step: 3 });
        Damage(Path.Combine(_folder, "killed", file), damage);
        AssertEqual(undisturbed.Run, Execute(Tiny, "killed"));
        Assert.EndsWith(warning, Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void CutLogOfAFinishedRun_IsNamedWithItsLine()
    {
        var run = Copy();
        Damage(Path.Combine(run.Folder, "log.jsonl"), "cut");
        Assert.Contains("log.jsonl: line 24 is cut or damaged", Assert.Throws<DataSetException>(run.Log).Message, StringComparison.Ordinal);
    }

    [FactWithMount]
    public void FullDisk_IsOneClearError_TheLastCheckpointIsIntact_AndTheRunGoesOn()
    {
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "run");
        var before = "";
        var error = Assert.Throws<IOException>(() => Runner(Tiny, folder).Execute(progress =>
        {
            if (progress is not { Domain: 1, Evaluating: false, Step: 5 })
                return;
            before = Hash(Path.Combine(folder, "checkpoint.safetensors"));
            disk.Fill();
        }));
        Assert.Contains("checkpoint.safetensors: cannot be written (No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Contains("make room", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Hash(Path.Combine(folder, "checkpoint.safetensors")));
        disk.MakeRoom();
        int? first = null;
        var resumed = Runner(Tiny, folder).Execute(progress => first ??= progress.Step);
        Assert.Equal(5, first);
        AssertEqual(undisturbed.Run, resumed);
    }

    [FactWithMount]
    public void ReadOnlyFolder_IsOneClearError_TheLastCheckpointIsIntact_AndTheRunGoesOn()
    {
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "run");
        Kill(Tiny, folder, progress => progress is { Domain: 1, Evaluating: false, Step: 5 });
        var before = Hash(Path.Combine(folder, "checkpoint.safetensors"));
        disk.Write(allowed: false);
        var error = Assert.Throws<SpecException>(() => Execute(Tiny, folder));
        Assert.StartsWith($"{folder}: cannot be written (", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Hash(Path.Combine(folder, "checkpoint.safetensors")));
        disk.Write(allowed: true);
        AssertEqual(undisturbed.Run, Execute(Tiny, folder));
    }

    private static RunSpec TinyOf(string rule) => Profiles.Spec("smoke", rule: rule)
        .With("domains", "3").With("distillation.iterations", "8").With("distillation.network.width", "4")
        .With("evaluation.epochs", "1").With("evaluation.testImages", "50").With("evaluation.network.width", "4");

    private static void Damage(string path, string damage)
    {
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "cut":
                File.WriteAllBytes(path, bytes[..^40]);
                break;
            case "flipped":
                bytes[^40] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private static void AssertEqual(Run expected, Run actual)
    {
        static IEnumerable<(string, string)> Sets(Run run) => Directory.GetFiles(run.Folder, "domain-*.safetensors").Order().Select(path => (Path.GetFileName(path), Hash(path)));
        Assert.Equal(Sets(expected), Sets(actual));
        Assert.Equal(expected.Accuracy.Rows, actual.Accuracy.Rows);
        Assert.Equal(expected.Sets, actual.Sets);
        // Times differ.
        static IEnumerable<string> Log(Run run) => run.Log().Select(record => System.Text.Json.JsonSerializer.Serialize(
            record with { Seconds = 0, Diagnostics = record.Diagnostics is null ? null : record.Diagnostics with { Seconds = new StageSeconds(0, 0, 0, 0) } }));
        Assert.Equal(Log(expected), Log(actual));
        Assert.All(actual.Log().GroupBy(record => record.Domain), domain => Assert.True(domain.Zip(domain.Skip(1)).All(pair => pair.Second.Seconds >= pair.First.Seconds)));
    }

    // Nothing is written after the exception, as after a kill; the state was kept before the iteration.
    private void Kill(RunSpec spec, string name, Predicate<RunProgress> when) => Assert.Throws<Killed>(() => Execute(spec, name, progress =>
    {
        if (when(progress))
            throw new Killed();
    }));

    private Runner Runner(RunSpec spec, string name) => new(spec, Path.Combine(_folder, name)) { CheckpointEvery = TimeSpan.Zero, Warn = _warnings.Add };

    private Run Execute(RunSpec spec, string name, Action<RunProgress>? progress = null) => Runner(spec, name).Execute(progress);

    // Of the undisturbed run, under its own name.
    private Run Copy()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Tiny.Name)).FullName;
        foreach (var file in Directory.GetFiles(undisturbed.Run.Folder))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return Run.Open(folder);
    }

    /// <summary>The run that every other one must equal.</summary>
    public sealed class Undisturbed : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("didd-undisturbed-").FullName;

        public Undisturbed() => Run = new Runner(Tiny, _folder).Execute();

        public Run Run { get; }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }

    private sealed class Killed : Exception;
}
