namespace DIDD.Notebooks.Tests;

/// <summary>The kernel as real clients meet it: jupyter_client, jupyter_kernel_test, nbconvert and nbclient. What is claimed stands in the Python files.</summary>
[Collection(OneSession.Name)]
public sealed class JupyterKernelTests(JupyterInstallation jupyter) : IClassFixture<JupyterInstallation>
{
    [JupyterTheory]
    [InlineData("test_conformance")]
    [InlineData("test_session")]
    [InlineData("test_signatures")]
    public async Task Kernel_PassesTheClientsTests(string tests)
    {
        var report = await jupyter.RunAsync(
            JupyterInstallation.Python, ["-m", "unittest", "-v", tests], Path.Combine(Repository.Folder, "tests", "DIDD.Notebooks.Tests", "Jupyter"), TimeSpan.FromMinutes(3));
        Assert.Matches(@"\nRan [1-9]\d* tests in", report);
    }

    /// <summary>The session is the one in which every notebook is executed by <see cref="RepositoryNotebooksTests"/>: here it is asked through Jupyter's protocol.</summary>
    [JupyterTheory]
    [InlineData("05-main-results.ipynb")]
    [InlineData("09-beyond.ipynb")]
    public async Task NbConvert_ExecutesNotebooks(string name)
    {
        await jupyter.RunAsync(
            JupyterInstallation.Python, ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", jupyter["nbconvert"], name], NotebooksFolder, TimeSpan.FromMinutes(5));
        AssertFigures(Path.Combine(jupyter["nbconvert"], name));
    }

    /// <summary>nbconvert, above, executes by nbclient, too; here it is called by itself.</summary>
    [JupyterTheory]
    [InlineData("01-problem-setup.ipynb")]
    public async Task NbClient_ExecutesANotebook(string name)
    {
        var copy = jupyter[name];
        var client = $"import nbformat, nbclient; notebook = nbformat.read({Quoted(name)}, 4); nbclient.NotebookClient(notebook, timeout=300).execute(); nbformat.write(notebook, {Quoted(copy)})";
        await jupyter.RunAsync(JupyterInstallation.Python, ["-c", client], NotebooksFolder, TimeSpan.FromMinutes(5));
        AssertFigures(copy);

        static string Quoted(string text) => $"'{text}'";
    }

    private static string NotebooksFolder => Path.Combine(Repository.Folder, "notebooks");

    private static void AssertFigures(string copy)
    {
        var outputs = NotebookDocument.Load(copy).CodeCells.SelectMany(cell => cell.Outputs).ToList();
        Assert.Contains(outputs, output => output?["data"]?["application/vnd.plotly.v1+json"] is not null);
        Assert.DoesNotContain(outputs, output => (string?)output?["output_type"] == "error");
    }
}
