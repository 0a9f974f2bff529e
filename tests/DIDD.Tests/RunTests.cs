using System.Security.Cryptography;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Experiments;

namespace DIDD.Tests;

public sealed class RunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-run-").FullName;

    private static RunSpec Tiny => Profiles.Spec("smoke")
        .With("domains", "2").With("distillation.iterations", "3").With("distillation.network.width", "4")
        .With("evaluation.epochs", "2").With("evaluation.testImages", "100").With("evaluation.network.width", "4");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void StoppedRun_ResumesToTheSameBytes()
    {
        var whole = Execute("whole", Tiny);
        using var stop = new CancellationTokenSource();
        void StopInTheSecondDomain(RunProgress progress)
        {
            if (progress is { Domain: 1, Step: 2 })
                stop.Cancel();
        }
        var stopped = Path.Combine(_folder, "stopped");
        Assert.Throws<OperationCanceledException>(() => new Runner(Tiny, stopped).Execute(StopInTheSecondDomain, stop.Token));
        Assert.Equal(1, Run.Open(stopped).Accuracy.Done);
        var resumed = new Runner(Tiny, stopped).Execute();
        Assert.Equal(Hashes(whole.Folder), Hashes(resumed.Folder));
        Assert.Equal(whole.Accuracy.Rows, resumed.Accuracy.Rows);
    }

    [Fact]
    public void AnotherSeed_GivesAnotherSet() => Assert.NotEqual(Hashes(Execute("a", Tiny).Folder), Hashes(Execute("b", Tiny with { Seed = 1 }).Folder));

    [Theory]
    [InlineData("finetune")]
    [InlineData("stable")]
    [InlineData("asymmetric")]
    public void EveryRule_EndsWithAMatrixSetsSheetsAndLog(string rule)
    {
        var run = Execute(rule, Tiny with { Rule = rule });
        Assert.True(run.Finished);
        Assert.Equal(2 * 3, run.Log().Count);
        Assert.Equal(rule == "finetune", run.Log()[^1].Stable is null);
        Assert.Equal(rule == "asymmetric", run.Log()[^1].Alpha is not null);
        Assert.All(["domain-01.png", "domain-02.png", "environment.json", "spec.json"], file => Assert.True(File.Exists(Path.Combine(run.Folder, file)), file));
        using var set = run.Set(1);
        Assert.Equal((10, 1, 2), (set.Classes, set.Ipc, set.Formation.Factor));
        Assert.InRange(set.Images.min().item<float>(), 0, 1);
        Assert.InRange(set.Images.max().item<float>(), 0, 1);
    }

    [Fact]
    public void OfficialProtocol_LeavesDomainsNotYetSeenOutOfTheFileAndResumes()
    {
        var spec = Tiny.With("evaluation.protocol", "official").With("evaluation.epochs", "3");
        var run = Execute("official", spec);
        Assert.Equal([false, true], run.NetworkAccuracies[0][0].Select(accuracy => accuracy is null));
        Assert.DoesNotContain(null, run.NetworkAccuracies[1][0]);
        Assert.Contains("null", File.ReadAllText(Path.Combine(run.Folder, "accuracy.json")), StringComparison.Ordinal);
        Assert.Equal(run.Accuracy.Rows, new Runner(spec, run.Folder).Execute().Accuracy.Rows);
    }

    [Fact]
    public void DivergedRun_KeepsTheDomainsBefore()
    {
        var spec = Tiny.With("asymmetric.alphaHigh", "1e12");
        var folder = Path.Combine(_folder, "diverged");
        var error = Assert.Throws<DivergenceException>(() => new Runner(spec, folder).Execute());
        Assert.Matches("^domain 2, iteration [0-2], class [0-9]: .+ is .+; lower ", error.Message);
        Assert.Equal(1, Run.Open(folder).Accuracy.Done);
        Assert.True(File.Exists(Path.Combine(folder, "domain-01.safetensors")));
    }

    [Fact]
    public void LogWithoutDiagnostics_IsStillRead()
    {
        var run = Execute("old", Tiny);
        var log = Path.Combine(run.Folder, "log.jsonl");
        File.WriteAllLines(log, File.ReadAllLines(log).Select(line => line[..line.IndexOf(",\"diagnostics\"", StringComparison.Ordinal)] + "}"));
        Assert.All(Run.Open(run.Folder).Log(), record => Assert.Null(record.Diagnostics));
        Assert.Equal(run.Spec.Distillation.Iterations * 2, Run.Open(run.Folder).Log().Count);
    }

    [Fact]
    public void FolderOfAnotherSpec_IsRefusedAndLeftAlone()
    {
        var run = Execute("run", Tiny);
        var before = Hashes(run.Folder);
        var error = Assert.Throws<SpecException>(() => new Runner(Tiny with { Seed = 9 }, run.Folder).Execute());
        Assert.Contains("another spec", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Hashes(run.Folder));
    }

    [Fact]
    public void MissingData_StopTheRunBeforeAnythingIsComputed()
    {
        var nowhere = Directory.CreateDirectory(Path.Combine(_folder, "data", "mnist")).Parent!.FullName;
        Assert.Contains("missing", Assert.Throws<DataSetException>(() => new Runner(Tiny, Path.Combine(_folder, "run"), nowhere).Execute()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_IsFlatOverTheIterations()
    {
        var memory = new Dictionary<int, long>();
        var spec = Tiny.With("domains", "1").With("distillation.iterations", "401");
        new Runner(spec, Path.Combine(_folder, "many")).Execute(progress =>
        {
            if (progress is { Evaluating: false, Step: 100 or 400 })
                memory[progress.Step] = Environment.WorkingSet;
        });
        Assert.True(memory[400] < 1.05 * memory[100], $"{memory[100] >> 20} MB after 100 iterations, {memory[400] >> 20} MB after 400");
    }

    private static Dictionary<string, string> Hashes(string folder) => Directory.GetFiles(folder, "domain-*.safetensors")
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    private Run Execute(string name, RunSpec spec) => new Runner(spec, Path.Combine(_folder, name)).Execute();
}
