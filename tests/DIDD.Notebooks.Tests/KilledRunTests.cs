using static DIDD.Notebooks.Tests.DiddProcess;

namespace DIDD.Notebooks.Tests;

/// <summary>Runs and shards as processes that are killed; tests/kill-and-resume.sh does it at more moments.</summary>
[Collection(OneSession.Name)]
public sealed class KilledRunTests : IDisposable
{
    private const string Settings = "--set domains=2 --set distillation.iterations=40 --set distillation.network.width=4 --set evaluation.epochs=2 --set evaluation.testImages=50 --set evaluation.network.width=4";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KilledRun_ResumesToTheSameBytes()
    {
        Assert.Equal(0, (await Didd($"run {Settings} --out {_folder["whole"]}")).ExitCode);
        var (expected, moments) = (Hashes(_folder["whole"]), new Random(1));
        // A run that had ended already does not count.
        for (int kill = 0, tries = 0; kill < 3; tries++)
        {
            Assert.InRange(tries, 0, 20);
            var run = $"run {Settings} --checkpoint 0.05 --out {_folder[$"killed{tries}"]}";
            using (var process = Start(run))
            {
                while (!File.Exists(_folder[$"killed{tries}/checkpoint.safetensors"]) && !process.HasExited)
                    await Task.Delay(10);
                await Task.Delay(moments.Next(400));
                process.Kill();
                await process.WaitForExitAsync();
            }
            if (File.Exists(_folder[$"killed{tries}/environment.json"]))
                continue;
            kill++;
            var (exitCode, _, error) = await Didd(run);
            Assert.Equal((0, ""), (exitCode, error.Trim()));
            Assert.Equal(expected, Hashes(_folder[$"killed{tries}"]));
        }
    }

    [Fact]
    public async Task ShardsAndMerge_MakeTheRunBesideThem()
    {
        const string tiny = "run --rule finetune --set domains=1 --set distillation.iterations=2 --set distillation.network.width=4 --set evaluation.epochs=1 --set evaluation.testImages=50 --set evaluation.network.width=4";
        Assert.Equal(0, (await Didd($"{tiny} --classes 0-4 --out {_folder["runs/a"]}")).ExitCode);
        var (exitCode, _, error) = await Didd($"merge {_folder["runs/a"]}");
        Assert.Equal(2, exitCode);
        Assert.Contains("classes 5-9 of 0-9 are in no shard", error, StringComparison.Ordinal);
        Assert.Contains("-classes-5-9 → ", (await Didd($"{tiny} --classes 5-9 --out {_folder["runs/b"]}")).Output, StringComparison.Ordinal);
        var merged = await Didd($"merge {_folder["runs/a"]} {_folder["runs/b"]}");
        Assert.Equal(0, merged.ExitCode);
        var name = merged.Output.Split(' ')[0];
        Assert.True(File.Exists(_folder[$"runs/{name}/accuracy.json"]));
        Assert.Contains("| r-mnist | smoke | 1 | finetune |", (await Didd($"report {_folder["runs"]}")).Output, StringComparison.Ordinal);
    }
}
