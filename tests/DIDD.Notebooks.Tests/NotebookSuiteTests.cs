namespace DIDD.Notebooks.Tests;

public sealed class NotebookSuiteTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Suite_ExecutesAFolderInNameOrder_FailuresDoNotStopIt_AndWritesPages()
    {
        _folder.WriteNotebook("nb/02-b.ipynb", "tag:parameters\nint n = 1;", "\"n is \" + n");
        _folder.WriteNotebook("nb/01-a.ipynb", "throw new Exception(\"boom\");");
        _folder.Write("nb/03-c.ipynb", "{");
        _folder.WriteNotebook("nb/deeper/04-d.ipynb", "1");
        var finished = new List<NotebookResult>();
        var options = new NotebookRunOptions { Parameters = new Dictionary<string, string> { ["n"] = "5" } };
        var results = await NotebookSuite.RunAsync([_folder["nb"]], _folder["out"], options, finished: new Listener(finished.Add));

        Assert.Equal(results, finished);
        Assert.Equal(
            [("01-a.ipynb", NotebookOutcome.CellFailed), ("02-b.ipynb", NotebookOutcome.Ok), ("03-c.ipynb", NotebookOutcome.Invalid)],
            results.Select(result => (result.Notebook, result.Outcome)));
        Assert.Equal(["01-a.html", "01-a.ipynb", "02-b.html", "02-b.ipynb", "index.html"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("n is 5", await File.ReadAllTextAsync(_folder["out/02-b.html"]), StringComparison.Ordinal);
        Assert.Contains("boom", await File.ReadAllTextAsync(_folder["out/01-a.html"]), StringComparison.Ordinal);
        var index = await File.ReadAllTextAsync(_folder["out/index.html"]);
        Assert.True(index.IndexOf("01-a.html", StringComparison.Ordinal) is > 0 and var first && first < index.IndexOf("02-b.html", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ParameterThatNoNotebookDeclares_IsRefused_BeforeAnythingRuns()
    {
        _folder.WriteNotebook("nb/a.ipynb", "tag:parameters\nint n = 1;");
        var options = new NotebookRunOptions { Parameters = new Dictionary<string, string> { ["m"] = "5" } };
        Assert.Contains("'m'", (await Assert.ThrowsAsync<ArgumentException>(() => NotebookSuite.RunAsync([_folder["nb"]], _folder["out"], options))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task NotebooksOfTheSameName_AreRefused()
    {
        _folder.WriteNotebook("x/a.ipynb", "1");
        _folder.WriteNotebook("y/a.ipynb", "1");
        await Assert.ThrowsAsync<ArgumentException>(() => NotebookSuite.RunAsync([_folder["x"], _folder["y"]], _folder["out"]));
        await Assert.ThrowsAsync<FileNotFoundException>(() => NotebookSuite.RunAsync([_folder["absent"]], _folder["out"]));
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Listener(Action<NotebookResult> receive) : IProgress<NotebookResult>
    {
        public void Report(NotebookResult value) => receive(value);
    }
}
