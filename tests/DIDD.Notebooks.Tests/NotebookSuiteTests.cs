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
        var options = new NotebookRunOptions { Parameters = new Dictionary<string, string> { ["n"] = "5" } };
        var results = await NotebookSuite.RunAsync([_folder["nb"]], _folder["out"], options);

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
    public async Task OptionalParameter_NeedNotBeDeclared_AndABrokenNotebookIsToldFromOneWithoutIt()
    {
        _folder.WriteNotebook("own/a.ipynb", "1");
        _folder.Write("broken/b.ipynb", "<<<<<<< HEAD");
        var options = new NotebookRunOptions { Parameters = new Dictionary<string, string> { ["profile"] = "smoke" } };
        Assert.Equal(NotebookOutcome.Ok, Assert.Single(await NotebookSuite.RunAsync([_folder["own"]], _folder["out"], options with { Optional = ["profile"] })).Outcome);
        await Assert.ThrowsAsync<ArgumentException>(() => NotebookSuite.RunAsync([_folder["own"]], _folder["out"], options));
        Assert.Equal(NotebookOutcome.Invalid, Assert.Single(await NotebookSuite.RunAsync([_folder["broken"]], _folder["out"], options)).Outcome);
    }

    [Fact]
    public async Task BrowserThatDrawsNothing_CostsNoPage()
    {
        var library = Path.Combine(Repository.Folder, "lib", "bin", "DIDD.Figures.dll");
        _folder.WriteNotebook("own/a.ipynb", $"#r \"{library}\"\n" + """ "{ \"data\": [], \"layout\": {} }".DisplayAs("application/vnd.plotly.v1+json");""" + "\n");
        var problems = new List<string>();
        await NotebookSuite.RunAsync([_folder["own"]], _folder["out"], browser: _folder["own/a.ipynb"], noPictures: problems.Add);
        Assert.Contains("a.ipynb", Assert.Single(problems), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/a.html"]));
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
}
