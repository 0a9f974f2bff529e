using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

/// <summary>Executes every notebook of the repository in the profile smoke: a cell that stops working breaks the build.</summary>
[Collection(OneSession.Name)]
public sealed class RepositoryNotebooksTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Notebooks => [.. Directory.GetFiles(Path.Combine(Repository.Folder, "notebooks"), "*.ipynb").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Notebooks))]
    public async Task EveryCell_Executes(string name)
    {
        var options = new NotebookRunOptions { Parameters = new Dictionary<string, string> { ["profile"] = "smoke" }, CellTimeLimit = TimeSpan.FromMinutes(5) };
        var result = await NotebookRunner.RunAsync(Path.Combine(Repository.Folder, "notebooks", name), _folder[name], options);
        Assert.True(result.Outcome == NotebookOutcome.Ok, result.Failure?.ToString());
        Assert.True(result.PeakBytes < 4L << 30, $"peak memory {result.PeakBytes >> 20} MB");

        var outputs = NotebookDocument.Load(_folder[name]).CodeCells.SelectMany(cell => cell.Outputs).ToList();
        Assert.Contains(outputs, output => output?["data"]?["application/vnd.plotly.v1+json"]?["data"] is JsonArray { Count: > 0 });
    }

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void EveryNotebook_OpensInJupyterAndPolyglotNotebooks(string name)
    {
        var notebook = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Folder, "notebooks", name)))!;
        Assert.Equal((4, 5), ((int)notebook["nbformat"]!, (int)notebook["nbformat_minor"]!));
        Assert.Equal((".net-csharp", "C#"), ((string)notebook["metadata"]!["kernelspec"]!["name"]!, (string)notebook["metadata"]!["language_info"]!["name"]!));
        var cells = notebook["cells"]!.AsArray();
        Assert.Equal(cells.Count, cells.Select(cell => (string)cell!["id"]!).Distinct().Count());
        Assert.Single(cells, cell => cell!["metadata"]?["tags"]?.AsArray().Any(tag => (string)tag! == "parameters") == true);
        var code = cells.Where(cell => (string)cell!["cell_type"]! == "code").Select(cell => cell!["source"]!.AsArray().Select(line => ((string)line!).TrimEnd('\n')).ToList()).ToList();
        Assert.All(code, lines => Assert.InRange(lines.Count, 1, 10));
        // No page of a narrow window breaks a line in the middle of an argument.
        Assert.All(code.SelectMany(lines => lines), line => Assert.InRange(line.Length, 0, 120));
    }

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void OutputsThatANotebookCarries_WereMadeByItsCode(string name)
    {
        var path = Path.Combine(Repository.Folder, "notebooks", name);
        Assert.Null(NotebookRecorder.Problem(NotebookDocument.Load(path)));
        Assert.InRange(new FileInfo(path).Length, 1, NotebookRecorder.LargestSize);
    }

    [Fact]
    public void NoCell_RepeatsTheCodeOfAnotherNotebook()
    {
        var cells = Directory.GetFiles(Path.Combine(Repository.Folder, "notebooks"), "*.ipynb").Select(NotebookDocument.Load).SelectMany(notebook => notebook.CodeCells
            .Where(cell => !cell.Tags.Contains("parameters") && !cell.Source.StartsWith("#r ", StringComparison.Ordinal)).Select(cell => (notebook.Name, cell.Source)));
        Assert.Empty(cells.GroupBy(cell => cell.Source).Where(same => same.Select(cell => cell.Name).Distinct().Count() > 1).Select(same => $"{string.Join(", ", same.Select(cell => cell.Name))}: {same.Key}"));
    }

    [Fact]
    public void EitherAllNotebooksCarryOutputs_OrNone()
    {
        var notebooks = Directory.GetFiles(Path.Combine(Repository.Folder, "notebooks"), "*.ipynb").Select(NotebookDocument.Load).ToLookup(notebook => NotebookRecorder.RecordedCodeHash(notebook) is not null);
        Assert.True(!notebooks[true].Any() || !notebooks[false].Any(), $"without outputs: {string.Join(", ", notebooks[false].Select(notebook => notebook.Name))}; run `didd notebooks run --profile laptop --record`");
    }
}
