using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

public sealed class NotebookRunnerTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Copy => _folder["out/a.ipynb"];

    [Fact]
    public async Task Notebook_RunsInAProcessOfItsOwn_AndReportsWhatItDid()
    {
        var notebook = _folder.WriteNotebook(
            "a.ipynb",
            "tag:parameters\nvar profile = \"laptop\";",
            "Console.WriteLine(profile); System.IO.File.WriteAllText(\"pid\", Environment.ProcessId.ToString());\nSystem.Globalization.CultureInfo.CurrentCulture.Name + 1.5",
            "tag:raises-exception\nthrow new Exception(\"expected\");",
            "tag:raises-exception\nConsole.ReadLine()");
        var source = await File.ReadAllBytesAsync(notebook);
        var progress = new List<CellProgress>();
        var options = new NotebookRunOptions { Parameters = new Dictionary<string, string> { ["profile"] = "smoke" } };
        var result = await NotebookRunner.RunAsync(notebook, Copy, options, new Listener<CellProgress>(progress.Add));

        Assert.Equal((NotebookOutcome.Ok, 5, 5, Copy), (result.Outcome, result.CellsExecuted, result.Cells, result.ExecutedCopy));
        Assert.Null(result.Failure);
        Assert.InRange(result.PeakBytes, 20_000_000, 1_000_000_000);
        Assert.InRange(result.Seconds, 0.1, 60);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (i / 2 + 1, i % 2 == 1)), progress.Select(each => (each.Cell, each.IsFinished)));
        Assert.NotEqual(Environment.ProcessId.ToString(), await File.ReadAllTextAsync(_folder["pid"]));
        Assert.Equal(source, await File.ReadAllBytesAsync(notebook));

        var cells = NotebookDocument.Load(Copy).Cells;
        Assert.Equal([1, 2, 3, 4, 5], cells.Select(cell => cell.ExecutionCount));
        Assert.Equal("smoke\n", (string?)cells[2].Outputs[0]!["text"]![0]);
        Assert.Equal("1.5", (string?)cells[2].Outputs[1]!["data"]!["text/plain"]![0]);
        Assert.Equal("expected", (string?)cells[3].Outputs[0]!["evalue"]);
        Assert.Contains("no input", (string?)cells[4].Outputs[0]!["evalue"], StringComparison.Ordinal);
        Assert.Equal(["cell-0", "injected-parameters", "cell-1", "cell-2", "cell-3"], JsonNode.Parse(File.ReadAllText(Copy))!["cells"]!.AsArray().Select(cell => (string)cell!["id"]!));
    }

    [Fact]
    public async Task TwoRuns_GiveTheSameBytes()
    {
        var notebook = _folder.WriteNotebook(
            "a.ipynb",
            "var shown = display(\"before\"); Console.Write(1); Console.Error.Write(2); new { A = new[] { 1, 2 }, B = \"x\" }",
            "shown.Update(\"after\"); HTML($\"<div id=\\\"{Guid.NewGuid()}\\\"></div>\")",
            "tag:raises-exception\nvoid Fail() => throw new Exception(\"boom\");\nFail();");
        await NotebookRunner.RunAsync(notebook, Copy);
        await NotebookRunner.RunAsync(notebook, _folder["again/a.ipynb"]);
        Assert.Equal(await File.ReadAllTextAsync(Copy), await File.ReadAllTextAsync(_folder["again/a.ipynb"]));
    }

    [Fact]
    public async Task CellThatThrows_EndsTheNotebook_AndIsNamed()
    {
        var result = await NotebookRunner.RunAsync(_folder.WriteNotebook("a.ipynb", "1", "\nthrow new Exception(\"boom\");", "System.IO.File.Create(\"reached\");"), Copy);
        Assert.Equal((NotebookOutcome.CellFailed, 1), (result.Outcome, result.CellsExecuted));
        Assert.Equal("a.ipynb, cell [2], line 2: System.Exception: boom", result.Failure!.ToString());
        Assert.False(File.Exists(_folder["reached"]));
        Assert.Null(NotebookDocument.Load(Copy).Cells[2].ExecutionCount);
    }

    [Fact]
    public async Task EndlessCell_IsKilledAtItsTimeLimit_WithItsOutputsAndAllItStarted()
    {
        var notebook = _folder.WriteNotebook(
            "a.ipynb",
            "1",
            """
            var child = System.Diagnostics.Process.Start("sleep", "600");
            System.IO.File.WriteAllText("child", child.Id.ToString());
            Console.WriteLine("still here");
            while (true) { }
            """);
        var clock = Stopwatch.StartNew();
        var result = await NotebookRunner.RunAsync(notebook, Copy, new NotebookRunOptions { CellTimeLimit = TimeSpan.FromSeconds(6) });
        Assert.Equal((NotebookOutcome.TimedOut, 1, 2), (result.Outcome, result.CellsExecuted, result.Failure!.Cell));
        Assert.Contains("limit of 6 s", result.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 6, 30);
        Assert.True(result.PeakBytes > 20_000_000);
        var outputs = NotebookDocument.Load(Copy).Cells[1].Outputs;
        Assert.Equal("still here\n", (string?)outputs[0]!["text"]![0]);
        Assert.Equal("TimedOut", (string?)outputs[1]!["ename"]);
        Assert.False(Runs("child"));
    }

    [Fact]
    public async Task CellThatPrintsWithoutEnd_StaysSmall()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "var line = string.Concat(Enumerable.Repeat(\"what goes on without an end fills any memory \", 100)); while (true) Console.WriteLine(line);");
        var result = await NotebookRunner.RunAsync(notebook, Copy, new NotebookRunOptions { CellTimeLimit = TimeSpan.FromSeconds(6) });
        Assert.Equal(NotebookOutcome.TimedOut, result.Outcome);
        Assert.InRange(result.PeakBytes, 1, 700_000_000);
        Assert.InRange(new FileInfo(Copy).Length, 1_000, 40_000_000);
        Assert.Contains("the rest is left out", NotebookCell.JoinLines(NotebookDocument.Load(Copy).Cells[0].Outputs[0]!["text"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThreadThatACellLeavesRunning_DoesNotHoldTheNotebook()
    {
        // From the cell's end, and less than the runner's patience, whatever the start took.
        var sinceCell = new Stopwatch();
        var progress = new Listener<CellProgress>(_ => sinceCell.Restart());
        var result = await NotebookRunner.RunAsync(_folder.WriteNotebook("a.ipynb", "new System.Threading.Thread(() => System.Threading.Thread.Sleep(600_000)).Start();"), Copy, progress: progress);
        Assert.Equal(NotebookOutcome.Ok, result.Outcome);
        Assert.InRange(sinceCell.Elapsed.TotalSeconds, 0, 9);
    }

    [Fact]
    public async Task NotebooksProcess_EndsWithItsRunner()
    {
        _folder.WriteNotebook("a.ipynb", "System.IO.File.WriteAllText(\"pid\", Environment.ProcessId.ToString()); while (true) { }");
        using var runner = Process.Start(new ProcessStartInfo(DotnetHost.Executable, ["exec", DiddProcess.Program, "notebooks", "run", "a.ipynb"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (!File.Exists(_folder["pid"]) || File.ReadAllText(_folder["pid"]).Length == 0)
            await Task.Delay(50);
        runner.Kill();
        await runner.WaitForExitAsync();
        for (var attempts = 0; attempts < 100 && Runs("pid"); attempts++)
            await Task.Delay(50);
        Assert.False(Runs("pid"));
    }

    [Fact]
    public async Task PeakMemory_IsTheKernelsHighWaterMark()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "var block = new byte[300_000_000]; Array.Fill(block, (byte)1);", "block = null; GC.Collect(); GC.Collect();");
        Assert.InRange((await NotebookRunner.RunAsync(notebook, Copy)).PeakBytes, 350_000_000, 900_000_000);
    }

    [Fact]
    public async Task ProcessKilledHalfWay_LeavesAValidCopy_AndTheNextRunIsWhole()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "\"first\"", "if (!System.IO.File.Exists(\"again\")) System.Diagnostics.Process.GetCurrentProcess().Kill();\n\"second\"");
        var result = await NotebookRunner.RunAsync(notebook, Copy);
        Assert.Equal((NotebookOutcome.ProcessDied, 1, 2), (result.Outcome, result.CellsExecuted, result.Failure!.Cell));
        Assert.Contains(OperatingSystem.IsWindows() ? "exit code" : "signal 9", result.Failure.Message, StringComparison.Ordinal);
        var cells = NotebookDocument.Load(Copy).Cells;
        Assert.Equal("first", (string?)cells[0].Outputs[0]!["data"]!["text/plain"]![0]);
        Assert.Equal("ProcessDied", (string?)cells[1].Outputs[0]!["ename"]);
        Assert.Equal(["a.ipynb"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName));

        _folder.Write("again", "");
        Assert.Equal(NotebookOutcome.Ok, (await NotebookRunner.RunAsync(notebook, Copy)).Outcome);
        Assert.Equal("execute_result", (string?)Assert.Single(NotebookDocument.Load(Copy).Cells[1].Outputs)!["output_type"]);
    }

    [Fact]
    public async Task CrashOfTheProcess_ShowsWhatItWroteLast()
    {
        var result = await NotebookRunner.RunAsync(_folder.WriteNotebook("a.ipynb", "Environment.FailFast(\"native trouble\");"), Copy);
        Assert.Equal(NotebookOutcome.ProcessDied, result.Outcome);
        Assert.Contains("native trouble", result.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExitInACell_IsNoSuccess()
    {
        var result = await NotebookRunner.RunAsync(_folder.WriteNotebook("a.ipynb", "Environment.Exit(0);", "1"), Copy);
        Assert.Equal(NotebookOutcome.ProcessDied, result.Outcome);
        Assert.Contains("exit code 0", result.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NativeWritesToTheConsole_DoNotDisturbTheReports()
    {
        var notebook = _folder.WriteNotebook(
            "a.ipynb",
            "var raw = Console.OpenStandardOutput(); var junk = new byte[200_000]; Array.Fill(junk, (byte)'{'); raw.Write(junk); raw.Flush();",
            "\"done\"");
        Assert.Equal(NotebookOutcome.Ok, (await NotebookRunner.RunAsync(notebook, Copy)).Outcome);
    }

    [Fact]
    public async Task Cancellation_KillsTheProcess_AndKeepsTheCopy()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "\"first\"", "System.IO.File.WriteAllText(\"pid\", Environment.ProcessId.ToString()); while (true) { }");
        using var cancellation = new CancellationTokenSource();
        var run = NotebookRunner.RunAsync(notebook, Copy, null, new Listener<CellProgress>(progress => Cancel(progress.Cell == 2)), cancellation.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal("first", (string?)NotebookDocument.Load(Copy).Cells[0].Outputs[0]!["data"]!["text/plain"]![0]);
        Assert.False(Runs("pid"));

        void Cancel(bool isSecond)
        {
            while (isSecond && !File.Exists(_folder["pid"]))
                Thread.Sleep(20);
            if (isSecond)
                cancellation.CancelAfter(100);
        }
    }

    [Fact]
    public async Task Source_IsNeverReplaced_UnlessAllowed()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", "\"done\"");
        var before = await File.ReadAllTextAsync(notebook);
        Directory.CreateSymbolicLink(_folder["link"], _folder.Path);
        await Assert.ThrowsAsync<ArgumentException>(() => NotebookRunner.RunAsync(notebook, notebook));
        await Assert.ThrowsAsync<ArgumentException>(() => NotebookRunner.RunAsync(notebook, _folder["link/a.ipynb"]));
        await Assert.ThrowsAsync<ArgumentException>(() => NotebookSuite.RunAsync([notebook], _folder.Path));
        Assert.Equal(before, await File.ReadAllTextAsync(notebook));
        Directory.Delete(_folder["link"]);
    }

    [Fact]
    public async Task CorruptNotebook_IsAResult_AndNothingIsWritten()
    {
        var result = await NotebookRunner.RunAsync(_folder.Write("a.ipynb", "{\"cells\": ["), Copy);
        Assert.Equal((NotebookOutcome.Invalid, null), (result.Outcome, result.ExecutedCopy));
        Assert.StartsWith("a.ipynb: not valid JSON", result.Failure!.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(Copy));
    }

    [Fact]
    public async Task NotebooksProcess_CarriesNoTensors_AndLoadsFSharpForChartsOnly()
    {
        var notebook = _folder.WriteNotebook("a.ipynb", """
            var carried = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")).Split(System.IO.Path.PathSeparator).Select(System.IO.Path.GetFileName);
            var loaded = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name);
            (carried.Count(file => file.Contains("Torch") || file.StartsWith("xunit")) + loaded.Count(name => name.StartsWith("FSharp"))).ToString()
            """);
        await NotebookRunner.RunAsync(notebook, Copy);
        Assert.Equal("0", (string?)NotebookDocument.Load(Copy).Cells[0].Outputs[0]!["data"]!["text/plain"]![0]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Whether the process whose id a file holds runs; one that ended but was not waited for does not.</summary>
    private bool Runs(string file)
    {
        var id = int.Parse(File.ReadAllText(_folder[file]));
        if (OperatingSystem.IsLinux())
            return File.Exists($"/proc/{id}/status") && !File.ReadAllText($"/proc/{id}/status").Contains("State:\tZ", StringComparison.Ordinal);
        return Process.GetProcesses().Any(process => process.Id == id);
    }

    /// <summary>Reports at once, on the reporting thread.</summary>
    private sealed class Listener<T>(Action<T> receive) : IProgress<T>
    {
        public void Report(T value) => receive(value);
    }
}
