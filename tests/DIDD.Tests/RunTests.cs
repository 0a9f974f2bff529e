using System.Security.Cryptography;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Experiments;
using DIDD.Figures;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class RunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-run-").FullName;

    private static RunSpec Tiny => TinyOf("asymmetric");

    public static TheoryData<string> Rules => [.. Learners.Names];

    private static RunSpec TinyOf(string rule) => Profiles.Spec("smoke", rule: rule)
        .With("domains", "2").With("distillation.iterations", "3").With("distillation.network.width", "16")
        .With("evaluation.epochs", "2").With("evaluation.testImages", "100").With("evaluation.network.width", "16")
        .With("herding.candidates", "5").With("herding.network.width", "4").With("ewc.iterations", "3").With("mas.iterations", "3");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Rules))]
    public void EveryRule_EndsWithAMatrixSetsSheetsAndLog_AndResumesToTheSameBytes(string rule)
    {
        var spec = TinyOf(rule);
        var whole = Execute("whole", spec);
        Assert.True(whole.Finished);
        var (domains, iterations) = whole.Accuracy.Joint ? ((int[])[1], 2 * 3) : ([0, 1], rule is "reservoir" or "random" or "herding" ? 0 : 3);
        Assert.Equal(domains.SelectMany(domain => Enumerable.Range(0, iterations).Select(iteration => (domain, iteration))), whole.Log().Select(record => (record.Domain, record.Iteration)));
        Assert.All(["domain-02.png", "environment.json", "spec.json"], file => Assert.True(File.Exists(Path.Combine(whole.Folder, file)), file));
        var last = whole.Log() is [.., var record] ? record : null;
        Assert.Equal((rule is "stable" or "linear" or "asymmetric" or "consolidated", rule is "linear" or "asymmetric" or "consolidated"), (last?.Stable is not null, last?.Alpha is not null));
        using var set = whole.Set(1);
        Assert.Equal((10, whole.Budget, spec.Distillation.Factor), (set.Classes, set.Ipc, set.Formation.Factor));
        Assert.InRange(set.Images.min().item<float>(), 0, 1);
        Assert.InRange(set.Images.max().item<float>(), 0, 1);
        using var stream = Streams.Open(spec);
        Assert.Equal(new Evaluator(stream, spec.Evaluation, new Randomness(spec.Seed)).Evaluate(1, set), whole.NetworkAccuracies[^1]);
        using var stop = new CancellationTokenSource();
        void StopInTheSecondDomain(RunProgress progress)
        {
            if (progress is { Domain: 1, Step: 2 })
                stop.Cancel();
        }
        var stopped = Path.Combine(_folder, "stopped");
        Assert.Throws<OperationCanceledException>(() => new Runner(spec, stopped).Execute(StopInTheSecondDomain, stop.Token));
        Assert.Equal(whole.Accuracy.Rows.Count - 1, Hashes(stopped).Count);
        var resumed = new Runner(spec, stopped).Execute();
        Assert.Equal(Hashes(whole.Folder), Hashes(resumed.Folder));
        Assert.Equal(whole.Accuracy.Rows, resumed.Accuracy.Rows);
    }

    [Fact]
    public void RunThatIsBeingComputed_IsRefusedWithItsOwner()
    {
        var folder = Path.Combine(_folder, "shared");
        Exception? second = null;
        var run = new Runner(Tiny, folder).Execute(progress => second ??= Record.Exception(() => new Runner(Tiny, folder).Execute()));
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", Assert.IsType<SpecException>(second).Message, StringComparison.Ordinal);
        Assert.True(run.Finished);
    }

    // A killed process leaves both files behind, without the lock.
    [Fact]
    public void LockThatAKilledProcessLeft_DoesNotLock()
    {
        var folder = Path.Combine(_folder, "stale");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ".lock"), "");
        File.WriteAllText(Path.Combine(folder, ".owner"), "{\"process\":1,\"machine\":\"gone\",\"since\":\"2026-01-01 00:00:00Z\"}");
        Assert.True(new Runner(Tiny, folder).Execute().Finished);
        Assert.False(File.Exists(Path.Combine(folder, ".owner")));
    }

    [Fact]
    public void AnotherSeed_GivesAnotherSet() => Assert.NotEqual(Hashes(Execute("a", Tiny).Folder), Hashes(Execute("b", Tiny with { Seed = 1 }).Folder));

    // The evaluation's networks may differ: the library sums the gradients of their kernels by thread.
    [Fact]
    public void NumberOfThreads_DoesNotChangeTheSets()
    {
        var threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var one = Hashes(Execute("one", Tiny).Folder);
            set_num_threads(2);
            Assert.Equal(one, Hashes(Execute("two", Tiny).Folder));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    // The authors clamp X at the start of an iteration and nowhere else.
    [Fact]
    public void OfficialProtocol_KeepsAnchorsAndEvaluatesTheSetAsTheLastStepLeftIt()
    {
        using var scope = NewDisposeScope();
        var clean = TinyOf("stable").With("distillation.learningRate", "100");
        var official = clean.With("evaluation.protocol", "official").With("evaluation.epochs", "3");
        using var stream = Streams.Open(clean);
        var records = new List<IterationRecord>();
        SyntheticSet Learn(RunSpec spec, int domain, SyntheticSet? previous) => Learners.Create(spec, stream, new Randomness(0), CPU).Learn(domain, previous, records.Add);
        double? FirstStable(RunSpec spec, SyntheticSet previous)
        {
            records.Clear();
            Learn(spec, 1, previous).Dispose();
            return records[0].Stable;
        }
        using var kept = Learn(official, 0, null);
        using var clamped = Learn(clean, 0, null);
        Assert.True(kept.Images.lt(0).any().item<bool>() && kept.Images.gt(1).any().item<bool>());
        Assert.Equal(clamped.Images.data<float>().ToArray(), kept.Images.clamp(0, 1).data<float>().ToArray());
        // X is clamped before its first step, and is then what it is anchored at, or not.
        Assert.Equal(0, FirstStable(clean, clamped)!.Value, 5);
        Assert.True(FirstStable(official, kept) > 1e-3);
        Assert.Equal(kept.Formation.Decode(kept.Images).data<float>().ToArray(), kept.Decode().data<float>().ToArray());
    }

    // One image of a class on either side of L_stable, at first the same: no distance to take the kernel's bandwidth from.
    [Theory]
    [InlineData("stable")]
    [InlineData("asymmetric")]
    public void OneImagePerClassWithoutTiles_StaysFinite(string rule)
    {
        var run = Execute(rule, TinyOf(rule).With("distillation.factor", "1"));
        Assert.All(run.Log(), record => Assert.True(double.IsFinite(record.Plastic) && double.IsFinite(record.Stable ?? 0)));
        var second = run.Log().Where(record => record.Domain == 1).ToList();
        Assert.InRange(second[0].Stable!.Value, -1e-3, 1e-3);
        Assert.True(second[^1].Stable > second[0].Stable);
    }

    [Theory]
    [InlineData("joint-m3d")]
    [InlineData("joint-dm")]
    public void Joint_HasOneRowThatHasSeenAllDomains_AndNoForgetting(string rule)
    {
        var run = Execute(rule, TinyOf(rule));
        Assert.Equal((1, 2, 1), (run.Accuracy.Rows.Count, run.Accuracy.Done, run.Budget));
        Assert.Null(run.Accuracy.Forgetting);
        Assert.Equal(run.Accuracy.Rows[0].Average()!.Value, run.Accuracy.Average, 12);
        Assert.All(run.Log(), record => Assert.Equal(1, record.Domain));
        Assert.False(File.Exists(Path.Combine(run.Folder, "domain-01.safetensors")));
        Assert.Contains("F_T = –", RunFigures.Accuracy(run).Caption, StringComparison.Ordinal);
        Assert.All([RunFigures.Retained(run), RunFigures.Sets(run)], figure => Assert.NotEmpty(figure.Json));
        Assert.Contains("–", RunTables.Summary(run, Execute("finetune", TinyOf("finetune"))).Html.Replace("&#8211;", "–", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void DistillGather_SaysThatItStoresMore_AndBeatsFinetuneWithIt()
    {
        RunSpec Spec(string rule) => Profiles.Spec("smoke", rule: rule)
            .With("domains", "2").With("distillation.iterations", "30").With("distillation.network.width", "8")
            .With("evaluation.epochs", "50").With("evaluation.batchSize", "16").With("evaluation.testImages", "300").With("evaluation.network.width", "8");
        var (gather, finetune) = (Execute("gather", Spec("distill-gather")), Execute("finetune", Spec("finetune")));
        Assert.Equal((2, 1), (gather.Budget, finetune.Budget));
        Assert.Equal(finetune.Accuracy.Rows[0], gather.Accuracy.Rows[0]);
        Assert.True(gather.Accuracy.Average > finetune.Accuracy.Average + 5, $"Distill-Gather {gather.Accuracy.Average:0.0} %, Finetune {finetune.Accuracy.Average:0.0} %");
        Assert.Contains("Distill-Gather stores 2 times as many images", RunFigures.Retained(finetune, gather).Caption, StringComparison.Ordinal);
        Assert.NotEmpty(RunFigures.Sets(gather).Json);
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
        // Such runs have no checksums.
        File.Delete(Path.Combine(run.Folder, "SHA256SUMS"));
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
    public void Tensors_AreAsManyAfterThirtyIterationsAsAfterTen()
    {
        var (spec, tensors) = (Tiny.With("distillation.iterations", "31"), new Dictionary<int, long>());
        // In the second domain the rule works, with the previous set.
        new Runner(spec, Path.Combine(_folder, "many")).Execute(progress =>
        {
            if (progress is { Domain: 1, Evaluating: false, Step: 10 or 30 })
                tensors[progress.Step] = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        });
        Assert.Equal(tensors[10], tensors[30]);
    }

    private static Dictionary<string, string> Hashes(string folder) => Directory.GetFiles(folder, "domain-*.safetensors")
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    private Run Execute(string name, RunSpec spec) => new Runner(spec, Path.Combine(_folder, name)).Execute();
}
