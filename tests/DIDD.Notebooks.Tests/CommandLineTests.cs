using System.Text.RegularExpressions;
using static DIDD.Notebooks.Tests.DiddProcess;

namespace DIDD.Notebooks.Tests;

/// <summary>The command didd as a user meets it: exit codes and messages.</summary>
[Collection(OneSession.Name)]
public sealed class CommandLineTests : IDisposable
{
    private const string TinyRun = "run --set domains=2 --set distillation.iterations=2 --set distillation.network.width=4 --set evaluation.epochs=1 --set evaluation.testImages=50 --set evaluation.network.width=4";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run --ipc 0", "ipc=0")]
    [InlineData("run --ipc many", "many")]
    [InlineData("run --set distillation.learningRate=-1", "positive")]
    [InlineData("run --set speed=1", "unknown setting 'speed'")]
    [InlineData("run --set speed", "key=value")]
    [InlineData("run --profile huge", "smoke, laptop, paper")]
    [InlineData("run --out README.md/didd", "cannot be written")]
    [InlineData("run --device tpu", "auto, cpu, cuda")]
    [InlineData("run nowhere.json", "no such file")]
    [InlineData("run --checkpoint -1", "--checkpoint -1: must be between")]
    [InlineData("run --classes 4-0", "such as 0-4")]
    [InlineData("run --rule lwf --classes 0-4", "teacher is trained on all classes")]
    [InlineData("merge nowhere", "no such folder")]
    [InlineData("run nowhere.json --seed 1", "--set")]
    [InlineData("run --device cpu --tf32", "leave --tf32 out")]
    [InlineData("run --fast", "--fast")]
    [InlineData("bench --rule ewc", "finetune, stable, asymmetric")]
    [InlineData("bench --authors asymmetric=fast", "positive seconds")]
    [InlineData("bench --authors asymmetric=8,5", "positive seconds")]
    [InlineData("notebooks run --timeout 0", "--timeout 0: must be between 1 and")]
    [InlineData("notebooks run -p profile=huge", "smoke, laptop, paper")]
    [InlineData("verify nowhere", "no such folder")]
    [InlineData("report nowhere", "no such folder")]
    [InlineData("record", "Required argument")]
    [InlineData("notebooks run nowhere.ipynb", "nowhere.ipynb")]
    [InlineData("notebooks run -p nonsense=1", "nonsense")]
    [InlineData("notebooks run -p seed", "two words")]
    [InlineData("notebooks kernel install --prefix README.md", "cannot be written")]
    [InlineData("notebooks kernel install --user --prefix out", "exclude each other")]
    public async Task ImpossibleRequest_IsOneClearLineAndExitCode2(string arguments, string part)
    {
        var (exitCode, _, error) = await Didd(arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains(part, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EndsWithTheMetricsAndIsOnlyOpenedTheNextTime()
    {
        var run = $"{TinyRun} --out {_folder["run"]}";
        var (exitCode, first, _) = await Didd(run);
        Assert.Equal(0, exitCode);
        Assert.Contains("A_T", first, StringComparison.Ordinal);
        var written = File.GetLastWriteTimeUtc(_folder["run/accuracy.json"]);
        Assert.Equal(0, (await Didd(run)).ExitCode);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder["run/accuracy.json"]));
    }

    [Fact]
    public async Task DamagedData_AreNamedAndNothingIsComputed()
    {
        _folder.Write("data/mnist/train-images-idx3-ubyte.gz", "not it");
        var (exitCode, _, error) = await Didd($"{TinyRun} --data {_folder["data"]} --out {_folder["run"]}");
        Assert.Equal(1, exitCode);
        Assert.Contains("train-images-idx3-ubyte.gz has 6 bytes, expected 9912422", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["run/accuracy.json"]));
    }

    [Fact]
    public async Task FolderOfTheSameName_DoesNotHideTheSetOfTheRepository()
    {
        _folder.Write("emoji-styles/picture.png", "not it");
        using var verify = Start("data verify", data: _folder.Path);
        var output = await verify.StandardOutput.ReadToEndAsync();
        await verify.WaitForExitAsync();
        Assert.Contains("emoji-styles: ok", output, StringComparison.Ordinal);
        Assert.Equal(0, verify.ExitCode);
    }

    [Fact]
    public async Task Doctor_SaysThatTheMainJobCanRunHere()
    {
        var (exitCode, output, _) = await Didd("doctor");
        Assert.True(exitCode == 0, output);
        Assert.Contains("GFLOP/s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_FailsWhereTheDataAreDamaged()
    {
        _folder.Write("data/mnist/train-images-idx3-ubyte.gz", "not it");
        var (exitCode, output, _) = await Didd($"doctor --data {_folder["data"]}");
        Assert.Equal(1, exitCode);
        Assert.Contains("MISSING", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_CountsTheReferenceCases_AndFailsOnUnknownOnes()
    {
        var cases = Path.Combine(Repository.Folder, "tests", "DIDD.Tests", "Reference");
        File.Copy(Path.Combine(cases, "metrics-4.safetensors"), _folder["metrics-4.safetensors"]);
        var (exitCode, output, _) = await Didd($"verify {_folder.Path}");
        Assert.Equal((0, "1 passed, 0 failed"), (exitCode, output.Trim().Split('\n')[^1]));
        var changed = File.ReadAllBytes(_folder["metrics-4.safetensors"]).AsSpan();
        changed.Replace((byte)'m', (byte)'w');
        File.WriteAllBytes(_folder["other.safetensors"], changed);
        (exitCode, output, _) = await Didd($"verify {_folder.Path}");
        Assert.Equal((1, "1 passed, 1 failed"), (exitCode, output.Trim().Split('\n')[^1]));
    }

    [Fact]
    public async Task Bench_WritesAReport_FromWhichTheTableIsMade()
    {
        var (exitCode, output, error) = await Didd($"{TinyRun.Replace("run", "bench", StringComparison.Ordinal)} --set distillation.realImages=4 --iterations 1 --json {_folder["report.json"]}");
        Assert.True(exitCode == 0, error);
        Assert.Contains("literal ÷ this", output, StringComparison.Ordinal);
        _folder.Write("page.md", "before\n<!-- didd bench table -->\nold\n<!-- end of table -->\nafter\n");
        Assert.Equal(0, (await Didd($"bench table {_folder["page.md"]} {_folder["report.json"]} {_folder["report.json"]}")).ExitCode);
        var page = File.ReadAllLines(_folder["page.md"]);
        Assert.Equal(("before", "after", false), (page[0], page[^1], page.Contains("old")));
        Assert.Equal(2 * 3, page.Count(line => line.StartsWith("| r-mnist, smoke | 1 | 10 | 4 | 4 | 2 |", StringComparison.Ordinal)));
        _folder.Write("page.md", "no place for it");
        Assert.Equal(1, (await Didd($"bench table {_folder["page.md"]} {_folder["report.json"]}")).ExitCode);
    }

    [Fact]
    public async Task Report_MakesTheTableOfTheRecordedRuns()
    {
        var runs = Path.Combine(Repository.Folder, "data", "runs");
        var (exitCode, table, _) = await Didd($"report {runs}");
        Assert.Equal(0, exitCode);
        Assert.Contains("| r-mnist | laptop | 1 | asymmetric |", table, StringComparison.Ordinal);
        foreach (var page in new[] { "data/runs/README.md", "data/specs/README.md" })
            await AssertWritten(page, "didd report|sweeps", $"report {runs}");
    }

    [Fact]
    public async Task TablesOfPages_AreThoseOfTheRecordedRuns()
    {
        var (exitCode, tables, error) = await Didd("claims");
        Assert.True(exitCode == 0, error);
        Assert.Contains("**not reproduced**", tables, StringComparison.Ordinal);
        foreach (var page in new[] { "README.md", "data/CLAIMS.md", "lib/CHOOSE-A-RULE.md", "data/runs/README.md" })
            await AssertWritten(page, "main table|verdicts|didd claims|rules|findings: [^ ]*", "claims");
    }

    // A command writes what a page has between its lines.
    private async Task AssertWritten(string page, string tables, string command)
    {
        var written = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, page));
        _folder.Write("page.md", Regex.Replace(written, $"(?<=^<!-- ({tables}) -->\n).*?(?=^<!-- end)", "\n", RegexOptions.Multiline | RegexOptions.Singleline));
        Assert.NotEqual(written, await File.ReadAllTextAsync(_folder["page.md"]));
        Assert.Equal(0, (await Didd($"{command} --into {_folder["page.md"]}")).ExitCode);
        Assert.Equal(written, await File.ReadAllTextAsync(_folder["page.md"]));
    }

    [Theory]
    [InlineData("-p n 3 -p text a=b", "3 a=b")]
    [InlineData("--parameters n 3 -p text=a=b", "3 a=b")]
    public async Task Parameters_AreTakenAsPapermillTakesThem_AndAsOneWord(string parameters, string printed)
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "tag:parameters\nvar profile = \"smoke\"; var n = 1; var text = \"\";", "Console.Write($\"{n} {text}\".Trim());");
        var (exitCode, _, error) = await Didd($"notebooks run {parameters} {notebook} --out {_folder["out"]}");
        Assert.True(exitCode == 0, error);
        Assert.Equal(printed, NotebookDocument.Load(_folder["out/a.ipynb"]).CodeCells.Last().Outputs[0]!["text"]![0]!.ToString());
    }

    [Fact]
    public async Task NotebookWithAFailingCell_IsReportedWithExitCode1()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "tag:parameters\nvar profile = \"smoke\";", "\nthrow new Exception(\"boom\");");
        var (exitCode, output, error) = await Didd($"notebooks run {notebook} --out {_folder["out"]}");
        Assert.Equal(1, exitCode);
        Assert.Contains("FAILED", output, StringComparison.Ordinal);
        Assert.Contains("a.ipynb, cell [3], line 2", error, StringComparison.Ordinal);
    }
}
