using System.Collections.Concurrent;
using System.Security.Cryptography;
using DIDD.Experiments;

namespace DIDD.Tests;

public sealed class SweepTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-sweep-").FullName;

    private static RunSpec Tiny => Profiles.Spec("smoke", rule: "reservoir")
        .With("domains", "2").With("evaluation.epochs", "1").With("evaluation.testImages", "20").With("evaluation.network.width", "4");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Runs_AreTheProductsOfTheGrids_EachOnce_SeedsLast()
    {
        const string grid = """{"profile": "laptop", "datasets": ["r-mnist", "pacs"], "ipc": [1, 10], "rules": ["finetune", "ewc"], "seeds": [0, 7], "settings": {"ewc.lambda": [1, 10], "evaluation.protocol": ["official"]}}""";
        var runs = Read($$"""{"$schema": "sweep.schema.json", "grids": [{{grid}}, {{grid}}]} // twice""").Runs();
        Assert.Equal(2 * 2 * 2 * 2 * 2, runs.Count);
        Assert.Equal(Enumerable.Repeat(0L, 16).Concat(Enumerable.Repeat(7L, 16)), runs.Select(run => run.Seed));
        Assert.Equal(Profiles.Spec("laptop", "r-mnist", "finetune").With("ewc.lambda", "1").With("evaluation.protocol", "official"), runs[0]);
        Assert.Contains(Profiles.Spec("laptop", "pacs", "ewc", 10, 7).With("ewc.lambda", "10").With("evaluation.protocol", "official"), runs);
    }

    [Theory]
    [InlineData("""{"grids": []}""", "give at least one")]
    [InlineData("""{"grids": [null]}""", "grids[0]: empty")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [1]}]}""", "rules")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [], "rules": ["ewc"]}]}""", "grids[0].ipc: give at least one")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": null, "ipc": [1], "rules": ["ewc"]}]}""", "datasets")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": ["one"], "rules": ["ewc"]}]}""", "ipc")]
    [InlineData("""{"grids": [{"profile": "huge", "datasets": ["r-mnist"], "ipc": [1], "rules": ["ewc"]}]}""", "grids[0]: profile=huge")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["mnist"], "ipc": [1], "rules": ["ewc"]}]}""", "grids[0]: dataset=mnist: not known")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [1], "rules": ["forget"]}]}""", "grids[0]: rule=forget: not known")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [0], "rules": ["ewc"]}]}""", "ipc=0")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [1], "rules": ["ewc"], "settings": {"speed": [1]}}]}""", "unknown setting 'speed'")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [1], "rules": ["ewc"], "settings": {"ewc.lambda": []}}]}""", "settings[ewc.lambda]: give at least one")]
    [InlineData("""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [1], "rules": ["ewc"], "settings": {"ewc.lambda": ["much"]}}]}""", "ewc.lambda=much")]
    [InlineData("""{"grid": []}""", "grid")]
    [InlineData("not JSON", "not a sweep")]
    public void ImpossibleSweep_IsRefusedWithItsPlace(string json, string part)
    {
        var error = Assert.Throws<SpecException>(() => Read(json).Runs());
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Shards_PartTheRuns()
    {
        var runs = Enumerable.Range(0, 7).Select(seed => Tiny with { Seed = seed }).ToList();
        var shards = Enumerable.Range(0, 3).Select(i => Sweep.Shard(runs, $"{i}/3")).ToList();
        Assert.Equal([3, 2, 2], shards.Select(shard => shard.Count));
        Assert.Equal(runs.Select(run => run.Seed), shards.SelectMany(shard => shard).Select(run => run.Seed).Order());
    }

    [Theory]
    [InlineData("3/3")]
    [InlineData("-1/3")]
    [InlineData("1")]
    [InlineData("0/0")]
    [InlineData("a/b")]
    public void ImpossibleShard_IsRefused(string shard) => Assert.Contains("from 0 to n−1", Assert.Throws<SpecException>(() => Sweep.Shard([Tiny], shard)).Message, StringComparison.Ordinal);

    public static TheoryData<string> CommittedSweeps => [.. Directory.GetFiles(Path.Combine(TestFolder.Repository, "data", "specs"), "*.sweep.json").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(CommittedSweeps))]
    public void CommittedSweep_IsValid(string file) => Assert.NotEmpty(Sweep.Read(Path.Combine(TestFolder.Repository, "data", "specs", file)).Runs());

    [Fact]
    public void CommittedSweeps_HaveAllRecordedRuns()
    {
        var runs = Directory.GetFiles(Path.Combine(TestFolder.Repository, "data", "specs"), "*.sweep.json").SelectMany(file => Sweep.Read(file).Runs());
        var recorded = Directory.GetDirectories(Path.Combine(TestFolder.Repository, "data", "runs")).Select(path => Path.GetFileName(path));
        Assert.Empty(recorded.Except(runs.Select(run => run.Name)));
    }

    [Fact]
    public async Task FailedRun_DoesNotStopTheOthers_AndOnlyItIsComputedAgain()
    {
        var specs = Seeds(3);
        var first = new SweepRunner(specs, _folder, (cell, say, cancellation) => cell.Spec.Seed == 1 ? Task.FromResult<string?>("out of luck") : InProcess(cell, say, cancellation));
        await first.ExecuteAsync(2);
        Assert.Equal([SweepState.Done, SweepState.Failed, SweepState.Done], first.Cells.Select(cell => cell.State));
        Assert.Equal("out of luck", first.Cells[1].Message);
        var computed = new List<long>();
        var second = new SweepRunner(specs, _folder, (cell, say, cancellation) =>
        {
            computed.Add(cell.Spec.Seed);
            return InProcess(cell, say, cancellation);
        });
        await second.ExecuteAsync(1);
        Assert.Equal([1L], computed);
        Assert.Equal(3, second.Count(SweepState.Done));
        Assert.Equal([false, true, false], second.Cells.Select(cell => cell.Computed));
    }

    [Fact]
    public async Task StoppedSweep_GoesOnToTheSameBytes()
    {
        var specs = Seeds(2);
        var whole = Path.Combine(_folder, "whole");
        await new SweepRunner(specs, whole, InProcess).ExecuteAsync(1);
        using var stop = new CancellationTokenSource();
        var stopped = new SweepRunner(specs, Path.Combine(_folder, "stopped"), (cell, _, cancellation) => InProcess(
            cell,
            line =>
            {
                if (cell.Spec.Seed == 1 && line == "1")
                    stop.Cancel();
            },
            cancellation));
        await Assert.ThrowsAsync<OperationCanceledException>(() => stopped.ExecuteAsync(1, cancellation: stop.Token));
        Assert.Equal([SweepState.Done, SweepState.Waiting], stopped.Cells.Select(cell => cell.State));
        var resumed = new SweepRunner(specs, Path.Combine(_folder, "stopped"), InProcess);
        await resumed.ExecuteAsync(1);
        Assert.Equal(2, resumed.Count(SweepState.Done));
        Assert.Equal(Hashes(whole), Hashes(Path.Combine(_folder, "stopped")));
    }

    [Fact]
    public async Task RunThatAnotherProcessComputes_IsPassedOver()
    {
        var specs = Seeds(2);
        // It begins before the sweep comes to it, and goes on after the sweep's end.
        using (RunLock.Take(Path.Combine(_folder, specs[0].Name)))
        {
            var sweep = new SweepRunner(specs, _folder, InProcess);
            await sweep.ExecuteAsync(1);
            Assert.Equal([SweepState.Elsewhere, SweepState.Done], sweep.Cells.Select(cell => cell.State));
        }
        Assert.Equal(SweepState.Waiting, new SweepCell(specs[0], _folder).OnDisk());
    }

    [Fact]
    public async Task TwoSweepsOfOneFolder_ComputeEveryRunOnce()
    {
        var (specs, computed) = (Seeds(4), new ConcurrentDictionary<(long Seed, int Call), bool>());
        var calls = 0;
        // A run that is only opened says nothing.
        Task<string?> Counted(SweepCell cell, Action<string> say, CancellationToken cancellation)
        {
            var call = Interlocked.Increment(ref calls);
            return InProcess(cell, line => { computed[(cell.Spec.Seed, call)] = true; say(line); }, cancellation);
        }
        // From both ends, and an even number, so that neither begins a run when the other does: temporary names tell processes apart, not threads of one.
        SweepRunner[] sweeps = [new(specs, _folder, Counted), new(specs.AsEnumerable().Reverse(), _folder, Counted)];
        await Task.WhenAll(sweeps.Select(sweep => sweep.ExecuteAsync(1)));
        Assert.Equal(specs.Select(spec => spec.Seed), computed.Keys.Select(key => key.Seed).Order());
        Assert.All(sweeps, sweep => Assert.Equal(0, sweep.Count(SweepState.Failed)));
        Assert.All(new SweepRunner(specs, _folder, InProcess).Cells, cell => Assert.Equal(SweepState.Done, cell.OnDisk()));
    }

    [Fact]
    public async Task FolderOfAnotherSpec_IsRefused()
    {
        var spec = Tiny;
        Directory.CreateDirectory(Path.Combine(_folder, spec.Name));
        File.WriteAllText(Path.Combine(_folder, spec.Name, "spec.json"), (spec with { Seed = 5 }).ToJson());
        var sweep = new SweepRunner([spec], _folder, InProcess);
        await sweep.ExecuteAsync(1);
        Assert.Equal(SweepState.Failed, sweep.Cells[0].State);
        Assert.Contains("another spec", sweep.Cells[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_RunAtOnce_AndTheTimesAddUp()
    {
        const int workers = 3;
        using var together = new Barrier(workers);
        var sweep = new SweepRunner(Seeds(workers), _folder, (_, _, cancellation) => Task.Run(
            () =>
            {
                together.SignalAndWait(cancellation);
                Thread.Sleep(200);
                return (string?)"enough";
            },
            cancellation));
        Assert.Null(sweep.Remaining);
        await sweep.ExecuteAsync(workers);
        Assert.Equal(workers, sweep.Count(SweepState.Failed));
        Assert.InRange(sweep.RunTime / sweep.Elapsed, 0.8 * workers, workers);
    }

    [Fact]
    public async Task RunsThatDifferInTheirEvaluation_AreDistilledOnce()
    {
        var (clean, mlp, official) = (Tiny, Tiny.With("evaluation.architecture", "mlp"), Tiny.With("evaluation.protocol", "official"));
        var begun = new ConcurrentQueue<SweepCell>();
        Task<string?> Compute(SweepCell cell, Action<string> say, CancellationToken cancellation)
        {
            begun.Enqueue(cell);
            return InProcess(cell, say, cancellation);
        }
        // Those that would wait for its sets let others go before them.
        var sweep = new SweepRunner([clean, mlp, Tiny with { Seed = 1 }, official], _folder, Compute);
        await sweep.ExecuteAsync(2);
        Assert.Equal(4, sweep.Count(SweepState.Done));
        Assert.Equal([clean, Tiny with { Seed = 1 }], begun.Take(2).Select(cell => cell.Spec));
        Assert.Equal([(mlp, sweep.Cells[0].Folder)], begun.Where(cell => cell.SetsOf is not null).Select(cell => (cell.Spec, cell.SetsOf!)));
        Assert.Equal(Run.Open(sweep.Cells[0].Folder).Log().Select(record => record.Plastic), Run.Open(sweep.Cells[1].Folder).Log().Select(record => record.Plastic));
    }

    private static List<RunSpec> Seeds(int count) => [.. Enumerable.Range(0, count).Select(seed => Tiny with { Seed = seed })];

    // As a process of its own would: an error in place of an exception, and the domain that is under way as what it says.
    private static Task<string?> InProcess(SweepCell cell, Action<string> say, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                new Runner(cell.Spec, cell.Folder) { SetsOf = cell.SetsOf is null ? null : Run.Open(cell.SetsOf) }.Execute(progress => say($"{progress.Domain}"), cancellation);
                return null;
            }
            catch (SpecException e)
            {
                return e.Message;
            }
        },
        cancellation);

    private static Dictionary<string, string> Hashes(string root) => Directory.GetFiles(root, "*.safetensors", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(root, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    private Sweep Read(string json)
    {
        var path = Path.Combine(_folder, "a.sweep.json");
        File.WriteAllText(path, json);
        return Sweep.Read(path);
    }
}
