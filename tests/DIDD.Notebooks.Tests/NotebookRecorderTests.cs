using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

public sealed class NotebookRecorderTests : IDisposable
{
    private const string Figure = "application/vnd.plotly.v1+json";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Record_PutsOutputsIntoTheNotebook_WithoutInjectedCells()
    {
        var result = Executed(Picture());
        NotebookRecorder.Record(result, new Dictionary<string, string> { ["profile"] = "laptop" }, "some processor, cpu", "2026-01-02");

        var recorded = NotebookDocument.Load(result.Source);
        Assert.Equal(["var profile = \"smoke\";\nvar seed = 3;", "1 + 1"], recorded.CodeCells.Select(cell => cell.Source));
        Assert.Equal([1, 2], recorded.CodeCells.Select(cell => cell.ExecutionCount!.Value));
        var made = Assert.Single(recorded.CodeCells.First().Outputs)!["text"]![0]!.ToString();
        Assert.Equal("These outputs: profile laptop, seed 3; some processor, cpu, 2026-01-02.\n", made);
        var data = Assert.Single(recorded.CodeCells.Last().Outputs)!["data"]!.AsObject();
        Assert.Equal([Figure, "image/png"], data.Select(each => each.Key));
        Assert.Equal(NotebookRecorder.CodeHash(recorded), NotebookRecorder.RecordedCodeHash(recorded));

        NotebookRecorder.Record(result, new Dictionary<string, string>(), "another", "2026-01-03");
        Assert.Single(NotebookDocument.Load(result.Source).CodeCells.First().Outputs);
    }

    [Fact]
    public void CodeHash_FollowsTheCodeAlone()
    {
        var result = Executed(Picture());
        NotebookRecorder.Record(result, new Dictionary<string, string>(), "e", "2026-01-02");
        var text = File.ReadAllText(result.Source);
        string? Made(string content) => NotebookRecorder.RecordedCodeHash(NotebookDocument.Parse(content, "n"));
        string Now(string content) => NotebookRecorder.CodeHash(NotebookDocument.Parse(content, "n"));
        Assert.Equal(Made(text), Now(text.Replace("# Title", "# Another", StringComparison.Ordinal)));
        Assert.NotEqual(Made(text), Now(text.Replace("1 + 1", "1 + 2", StringComparison.Ordinal)));
    }

    [Fact]
    public void OutputsOfOtherCode_AreAProblem()
    {
        var result = Executed(Picture());
        string? Problem(string content) => NotebookRecorder.Problem(NotebookDocument.Parse(content, "n"));
        Assert.Null(Problem(File.ReadAllText(result.Source)));
        NotebookRecorder.Record(result, new Dictionary<string, string>(), "e", "2026-01-02");
        var text = File.ReadAllText(result.Source);
        Assert.Null(Problem(text));
        void Wrong(string part, string content) => Assert.Contains(part, Problem(content), StringComparison.Ordinal);
        Wrong("has other code", text.Replace("1 + 1", "1 + 2", StringComparison.Ordinal));
        Wrong("carries other outputs", text.Replace("\"height\": 300", "\"height\": 301", StringComparison.Ordinal));
        Wrong("were not recorded", text.Replace("\"didd\"", "\"other\"", StringComparison.Ordinal));
        var cleared = NotebookDocument.Parse(text, "n");
        foreach (var cell in cleared.CodeCells)
            cell.Outputs = [];
        Wrong("carries no outputs", cleared.ToJson());
        NotebookRecorder.Record(Executed(new JsonObject { [Figure] = Bars(300) }), new Dictionary<string, string>(), "e", "2026-01-02");
        Wrong("without a static picture", File.ReadAllText(result.Source));
    }

    [Fact]
    public void Record_RefusesWhatFailedAndWhatChangedMeanwhile()
    {
        var result = Executed(Picture());
        var before = File.ReadAllText(result.Source);
        void Refused(NotebookResult of, string part) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => NotebookRecorder.Record(of, new Dictionary<string, string>(), "e", "d")).Message, StringComparison.Ordinal);
        Refused(result with { Outcome = NotebookOutcome.CellFailed }, "did not end well");
        Assert.Equal(before, File.ReadAllText(result.Source));
        File.WriteAllText(result.Source, before.Replace("1 + 1", "2 + 2", StringComparison.Ordinal));
        Refused(result, "changed while it ran");
    }

    [Fact]
    public void Record_RefusesANotebookThatWouldBeTooLarge()
    {
        var picture = Picture();
        picture["image/png"] = new string('A', NotebookRecorder.LargestSize);
        var result = Executed(picture);
        var before = File.ReadAllText(result.Source);
        Assert.Contains("fewer or smaller", Assert.Throws<IOException>(() => NotebookRecorder.Record(result, new Dictionary<string, string>(), "e", "d")).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(result.Source));
    }

    [FactWithBrowser]
    public async Task Pictures_AreDrawnOfEveryFigure()
    {
        var notebook = NotebookDocument.Load(Executed(new JsonObject { [Figure] = Bars(300) }, new JsonObject { [Figure] = Bars(500) }).ExecutedCopy!);
        await FigurePictures.AddAsync(notebook, FigurePictures.Browser()!);
        var sizes = notebook.CodeCells.Last().Outputs.Select(output => Size(Convert.FromBase64String(output!["data"]!["image/png"]!.ToString())));
        Assert.Equal([(900, 300), (900, 500)], sizes);
    }

    [FactWithBrowser]
    public async Task AFigureThatCannotBeDrawn_IsSaid()
    {
        var notebook = NotebookDocument.Load(Executed(new JsonObject { [Figure] = Bars(1_000_000) }).ExecutedCopy!);
        var error = await Assert.ThrowsAsync<IOException>(() => FigurePictures.AddAsync(notebook, FigurePictures.Browser()!));
        Assert.Contains("0 of 1 figures", error.Message, StringComparison.Ordinal);
    }

    private static JsonObject Bars(int height) => new()
    {
        ["data"] = new JsonArray(new JsonObject { ["type"] = "bar", ["y"] = new JsonArray(1, 2, 3) }),
        ["layout"] = new JsonObject { ["height"] = height },
    };

    private static JsonObject Picture() => new() { [Figure] = Bars(300), ["text/html"] = "<p>figure</p>", ["image/png"] = "iVBOR" };

    // Width and height stand in the first chunk of a PNG.
    private static (int Width, int Height) Size(byte[] png) =>
        (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));

    private NotebookResult Executed(params JsonObject[] outputs)
    {
        string Notebook(string parameters, string output) => $$$"""
            {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": ".net-csharp", "language": "C#"}}, "cells": [
              {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Title"},
              {"cell_type": "code", "id": "b", "metadata": {"tags": ["parameters"]}, "execution_count": null, "outputs": [], "source": "var profile = \"smoke\";\nvar seed = 3;"},
              {{{parameters}}}
              {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": 3, "outputs": [{{{output}}}], "source": "1 + 1"}]}
            """;
        _folder.Write("notebook.ipynb", Notebook("", ""));
        var injected = """{"cell_type": "code", "id": "d", "metadata": {"tags": ["injected-parameters"]}, "execution_count": 2, "outputs": [], "source": "profile = \"laptop\";"},""";
        var shown = outputs.Select(data => new JsonObject { ["output_type"] = "display_data", ["metadata"] = new JsonObject(), ["data"] = data }.ToJsonString());
        _folder.Write("copy.ipynb", Notebook(injected, string.Join(',', shown)));
        return new(_folder["notebook.ipynb"], NotebookOutcome.Ok, 3, 3, 1, 0, _folder["copy.ipynb"], null);
    }
}
