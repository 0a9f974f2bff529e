using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

public sealed class NotebookDocumentTests
{
    [Theory]
    [InlineData("{\"cells\": [", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("{}", "'nbformat' is missing")]
    [InlineData("{\"nbformat\": 3, \"worksheets\": []}", "nbformat 3")]
    [InlineData("{\"nbformat\": 4, \"metadata\": {}}", "'cells' is missing")]
    [InlineData("{\"nbformat\": 4, \"cells\": []}", "'metadata' is missing")]
    [InlineData("{\"nbformat\": 4, \"nbformat\": 4}", "not valid JSON")]
    [InlineData("{\"nbformat\": 4, \"cells\": [], \"metadata\": {}}", "names no language")]
    [InlineData("{\"nbformat\": 4, \"cells\": [], \"metadata\": {\"kernelspec\": {\"name\": \"python3\", \"language\": \"python\"}}}", "'python'")]
    public void CorruptOrForeignNotebook_IsRefused_WithItsNameAndTheProblem(string json, string problem)
    {
        var error = Assert.Throws<InvalidDataException>(() => NotebookDocument.Parse(json, "x.ipynb"));
        Assert.StartsWith("x.ipynb: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", "is not a JSON object")]
    [InlineData("{\"cell_type\": \"code\", \"metadata\": {}}", "'source'")]
    [InlineData("{\"cell_type\": \"code\", \"metadata\": {}, \"source\": [1]}", "'source'")]
    [InlineData("{\"cell_type\": \"chart\", \"metadata\": {}, \"source\": \"\"}", "'chart'")]
    [InlineData("{\"cell_type\": \"code\", \"metadata\": 1, \"source\": \"\"}", "'metadata'")]
    [InlineData("{\"cell_type\": \"code\", \"metadata\": {\"dotnet_interactive\": {\"language\": \"python\"}}, \"source\": \"\"}", "'python'")]
    [InlineData("{\"cell_type\": \"code\", \"metadata\": {\"polyglot_notebook\": {\"kernelName\": \"sql\"}}, \"source\": \"\"}", "'sql'")]
    public void CellThatCannotBeRun_IsRefused_WithItsPosition(string cell, string problem)
    {
        var notebook = TestFolder.Notebook("1");
        notebook["cells"]!.AsArray().Add(JsonNode.Parse(cell));
        var error = Assert.Throws<InvalidDataException>(() => NotebookDocument.Parse(notebook.ToJsonString(), "x.ipynb"));
        Assert.Contains("position 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFile_IsReportedAsTheNotebooksProblem() =>
        Assert.Contains("cannot be read", Assert.Throws<InvalidDataException>(() => NotebookDocument.Load("/no/such.ipynb")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"polyglot_notebook\": {\"kernelName\": \"html\"}}", "<b>x</b>", "#!html\n<b>x</b>")]
    [InlineData("{\"dotnet_interactive\": {\"language\": \"html\"}}", "#!html\n<b>x</b>", "#!html\n<b>x</b>")]
    [InlineData("{\"dotnet_interactive\": {\"language\": \"csharp\"}}", "1", "1")]
    public void CellWhoseMetadataNameALanguage_IsExecutedInIt(string metadata, string source, string code)
    {
        var notebook = TestFolder.Notebook(source);
        notebook["cells"]![0]!["metadata"] = JsonNode.Parse(metadata);
        Assert.Equal(code, NotebookDocument.Parse(notebook.ToJsonString(), "x.ipynb").Cells[0].Code);
    }

    [Fact]
    public void Source_IsTextOrLines()
    {
        var notebook = TestFolder.Notebook("a\r\nb", "");
        notebook["cells"]![1]!["source"] = new JsonArray("a\n", "b");
        Assert.All(NotebookDocument.Parse(notebook.ToJsonString(), "x.ipynb").Cells, cell => Assert.Equal("a\nb", cell.Source));
    }

    [Fact]
    public void UnknownMetadataAndIds_SurviveReadingAndWriting()
    {
        var notebook = TestFolder.Notebook("1");
        notebook["metadata"]!["custom"] = new JsonObject { ["number"] = JsonNode.Parse("1.50"), ["text"] = "é <b>" };
        notebook["cells"]![0]!["metadata"]!["custom"] = new JsonArray(1, 2);
        var written = NotebookDocument.Parse(notebook.ToJsonString(), "x.ipynb").ToJson();
        Assert.Contains("\"number\": 1.50", written, StringComparison.Ordinal);
        Assert.Contains("é <b>", written, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(notebook, JsonNode.Parse(written)));
    }

    [Fact]
    public void InjectedParameters_FollowTheParametersCell_TypedAsDeclared()
    {
        var notebook = NotebookDocument.Parse(
            TestFolder.Notebook("1", "tag:parameters\nstring profile = \"laptop\"; var name = \"a\"; int seed = 0; double rate = 1; bool fast = false;", "2").ToJsonString(), "x.ipynb");
        notebook.InjectParameters(new Dictionary<string, string> { ["profile"] = "sm\"oke", ["name"] = "7", ["seed"] = "3", ["rate"] = "0.5", ["fast"] = "true" });
        Assert.Equal("profile = \"sm\\\"oke\";\nname = \"7\";\nseed = 3;\nrate = 0.5;\nfast = true;", notebook.Cells[2].Source);
        Assert.Equal(["injected-parameters"], notebook.Cells[2].Tags);
        Assert.Equal(4, notebook.Cells.Count);

        var again = NotebookDocument.Parse(notebook.ToJson(), "x.ipynb");
        again.InjectParameters(new Dictionary<string, string> { ["seed"] = "4" });
        Assert.Equal(["1", notebook.Cells[1].Source, "seed = 4;", "2"], again.Cells.Select(cell => cell.Source));
        Assert.Equal(4, JsonNode.Parse(again.ToJson())!["cells"]!.AsArray().Select(cell => (string)cell!["id"]!).Distinct().Count());
    }

    [Theory]
    [InlineData("tag:parameters\nint seed = 0;", "it has seed")]
    [InlineData("int profile = 0;", "no cell is tagged")]
    public void UndeclaredParameter_IsRefused(string cell, string problem)
    {
        var notebook = NotebookDocument.Parse(TestFolder.Notebook(cell).ToJsonString(), "x.ipynb");
        var error = Assert.Throws<InvalidDataException>(() => notebook.InjectParameters(new Dictionary<string, string> { ["profile"] = "smoke" }));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
