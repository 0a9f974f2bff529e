using System.Diagnostics;
using static DIDD.Notebooks.Tests.DiddProcess;

namespace DIDD.Notebooks.Tests;

/// <summary>didd sweep and didd spec as a user meets them: processes, exit codes, messages.</summary>
[Collection(OneSession.Name)]
public sealed class SweepCommandTests : IDisposable
{
    private const string Settings = "\"distillation.iterations\": [2], \"domains\": [2], \"distillation.network.width\": [4], \"evaluation.epochs\": [1], \"evaluation.testImages\": [50], \"evaluation.network.width\": [4]";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sweep nowhere.json", "no such file")]
    [InlineData("sweep data/specs/run.schema.json", "not a sweep")]
    [InlineData("sweep data/specs/tiny.sweep.json --workers 0", "--workers 0: must be at least 1")]
    [InlineData("sweep data/specs/tiny.sweep.json --threads -1", "--threads -1")]
    [InlineData("sweep data/specs/tiny.sweep.json --shard 4/4", "from 0 to n−1")]
    [InlineData("run --preset r-mnist/ipc10/asymetric", "near are r-mnist/ipc10/asymmetric")]
    [InlineData("run --preset r-mnist/ipc1/ewc --rule mas", "change it with --set")]
    [InlineData("spec presets mnist ipc7", "no preset contains")]
    public async Task ImpossibleRequest_IsOneClearLineAndExitCode2(string arguments, string part)
    {
        var (exitCode, _, error) = await Didd(arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains(part, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preset_IsListedShownAndTakenByRun()
    {
        Assert.Contains("r-mnist/ipc1/asymmetric                  paper 58.6 / 21.0", (await Didd("spec presets r-mnist ipc1/")).Output, StringComparison.Ordinal);
        var shown = await Didd("spec show --preset laptop/r-mnist/ipc10/asymmetric --seed 3");
        Assert.Equal(0, shown.ExitCode);
        Assert.Equal(shown.Output, (await Didd("spec show --profile laptop --ipc 10 --seed 3")).Output);
    }

    [Fact]
    public async Task Sweep_EqualsItsRuns_AndLeavesThemAloneTheNextTime()
    {
        var sweep = $"sweep {Grid("finetune", "reservoir")} --workers 2 --out {_folder["runs"]}";
        var (exitCode, output, error) = await Didd(sweep);
        Assert.True(exitCode == 0, error);
        Assert.Contains("2 done, 0 failed; 2 computed now", output, StringComparison.Ordinal);
        Assert.Contains("at a time", output, StringComparison.Ordinal);
        foreach (var run in Directory.GetDirectories(_folder["runs"]))
        {
            Assert.Equal(0, (await Didd($"run {Path.Combine(run, "spec.json")} --out {_folder["alone"]}")).ExitCode);
            Assert.Equal(Hashes(_folder["alone"]), Hashes(run));
            Assert.Contains("\"threads\": 1,", await File.ReadAllTextAsync(Path.Combine(run, "environment.json")), StringComparison.Ordinal);
            Directory.Delete(_folder["alone"], recursive: true);
        }
        Assert.Contains("2 done, 0 failed; 0 computed now", (await Didd(sweep)).Output, StringComparison.Ordinal);
        Assert.Contains("2 runs: 2 done, 0 running, 0 waiting", (await Didd($"{sweep} --list")).Output, StringComparison.Ordinal);
        Assert.Contains("1 runs: 1 done", (await Didd($"{sweep} --list --shard 1/2")).Output, StringComparison.Ordinal);
        var failed = Directory.GetDirectories(_folder["runs"])[0];
        File.Delete(Path.Combine(failed, "environment.json"));
        await File.WriteAllTextAsync(Path.Combine(failed, "failure.log"), "out of luck\n");
        Assert.Contains("domains done, failed before (", (await Didd($"{sweep} --list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunThatWasRecordedWithoutItsSet_IsLeftAlone()
    {
        var recorded = Directory.GetDirectories(Path.Combine(Repository.Folder, "data", "runs"), "pacs-*").Order(StringComparer.Ordinal).First();
        var folder = _folder["recorded"];
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(recorded))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var (exitCode, output, error) = await Didd($"run {Path.Combine(folder, "spec.json")} --out {folder}");
        Assert.True(exitCode == 0, error);
        Assert.Contains("recorded without it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedRun_IsReportedWithItsErrorAndComputedAgain()
    {
        _folder.Write("data/mnist/train-images-idx3-ubyte.gz", "not it");
        var sweep = $"sweep {Grid("reservoir")} --out {_folder["runs"]}";
        var (exitCode, output, error) = await Didd($"{sweep} --data {_folder["data"]}");
        Assert.Equal(1, exitCode);
        Assert.Contains("0 done, 1 failed", output, StringComparison.Ordinal);
        Assert.Contains("train-images-idx3-ubyte.gz has 6 bytes, expected 9912422", error, StringComparison.Ordinal);
        Assert.Contains("failure.log", error, StringComparison.Ordinal);
        Assert.Contains("failed before", (await Didd($"{sweep} --list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Didd(sweep)).ExitCode);
        Assert.Empty(Directory.GetFiles(_folder["runs"], "failure.log", SearchOption.AllDirectories));
    }

    [LinuxFact]
    public Task InterruptedSweep_StopsItsRun_WhichAnotherSweepPassesOver() => StopsItsRun("INT", 130);

    [LinuxFact]
    public Task KilledSweep_StopsItsRun_WhichAnotherSweepPassesOver() => StopsItsRun("KILL", 137);

    // The signal goes to the sweep alone, as from a queue; the run hears of it from the sweep, or of the sweep's death.
    private async Task StopsItsRun(string signal, int exitCode)
    {
        var sweep = $"sweep {Grid("finetune")} --out {_folder["runs"]}";
        _folder.Write("a.sweep.json", File.ReadAllText(_folder["a.sweep.json"]).Replace("\"distillation.iterations\": [2]", "\"distillation.iterations\": [100000]", StringComparison.Ordinal));
        using var process = Start(sweep, through: "env --default-signal=INT");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var kill = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        while (!Directory.Exists(_folder["runs"]) || Directory.GetFiles(_folder["runs"], ".owner", SearchOption.AllDirectories).Length == 0)
            await Task.Delay(50, limit.Token);
        await Task.Delay(1500, limit.Token);
        var other = await Didd(sweep);
        Assert.Equal(0, other.ExitCode);
        Assert.Contains("1 running elsewhere", other.Output, StringComparison.Ordinal);
        Process.Start("kill", [$"-{signal}", $"{process.Id}"]).WaitForExit();
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(exitCode, process.ExitCode);
        while (Directory.GetFiles(_folder["runs"], ".owner", SearchOption.AllDirectories).Length > 0)
            await Task.Delay(50, limit.Token);
        Assert.Contains("0 done, 0 running, 1 waiting", (await Didd($"{sweep} --list")).Output, StringComparison.Ordinal);
    }

    private string Grid(params string[] rules) => _folder.Write(
        "a.sweep.json",
        $$$"""{"grids": [{"profile": "smoke", "datasets": ["r-mnist"], "ipc": [1], "rules": [{{{string.Join(", ", rules.Select(rule => $"\"{rule}\""))}}}], "settings": { {{{Settings}}} }}]}""");
}
