using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Notebooks.Tests;

public sealed class NotebookOutputsTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly NotebookDocument _notebook = NotebookDocument.Parse(TestFolder.Notebook("1", "2").ToJsonString(), "x.ipynb");
    private readonly NotebookOutputs _outputs;

    public NotebookOutputsTests()
    {
        _outputs = new NotebookOutputs(_notebook, _folder["x.ipynb"]);
        _outputs.Begin(_notebook.Cells[0], 1);
    }

    [Fact]
    public void Streams_AreMergedByName_InTheOrderWritten()
    {
        _outputs.WriteStream("stdout", "a");
        _outputs.WriteStream("stdout", "b\n");
        _outputs.WriteStream("stderr", "c");
        _outputs.WriteStream("stdout", "d");
        _outputs.Flush();
        Assert.Equal(
            ["stdout ab\n", "stderr c", "stdout d"],
            NotebookDocument.Load(_folder["x.ipynb"]).Cells[0].Outputs.Select(output => $"{output!["name"]} {string.Concat(output["text"]!.AsArray())}"));
    }

    [Fact]
    public void ADisplayThatWasEmptied_LeavesNothingBehind()
    {
        _outputs.Show("1", [new("text/html", "<p>half</p>"), new("text/plain", "half")]);
        _outputs.Show("2", [new("text/plain", "kept")]);
        _outputs.Flush();
        Assert.Equal(2, NotebookDocument.Load(_folder["x.ipynb"]).Cells[0].Outputs.Count);
        _outputs.Update("1", [new("text/html", ""), new("text/plain", "")]);
        _outputs.End();
        _outputs.Flush();
        Assert.Equal("kept", (string?)Assert.Single(NotebookDocument.Load(_folder["x.ipynb"]).Cells[0].Outputs)!["data"]!["text/plain"]![0]);
    }

    [Fact]
    public void EndlessPrinting_IsCutAtItsLimit_AndSaysSo()
    {
        var line = new string('x', 999) + "\n";
        for (var i = 0; i < 11_000; i++)
            _outputs.WriteStream("stdout", line);
        _outputs.Flush();
        var text = NotebookCell.JoinLines(Assert.Single(NotebookDocument.Load(_folder["x.ipynb"]).Cells[0].Outputs)!["text"]);
        Assert.EndsWith("[the cell printed more than 10 MB; the rest is left out]\n", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 9_000_000, 10_001_000);

        _outputs.Begin(_notebook.Cells[1], 2);
        _outputs.WriteStream("stdout", "next");
        _outputs.Flush();
        Assert.Equal("next", (string?)NotebookDocument.Load(_folder["x.ipynb"]).Cells[1].Outputs[0]!["text"]![0]);
    }

    [Fact]
    public void EndlessDisplays_AreCutAtTheirLimit_AndSaySo()
    {
        var bundle = new FormattedValue("text/plain", new('x', 1_000_000));
        for (var i = 0; i < 110; i++)
            _outputs.Show($"{i}", [bundle]);
        Assert.InRange(_notebook.Cells[0].Outputs.Count, 99, 101);
        Assert.Contains("displayed more than 100 MB", _notebook.Cells[0].Outputs[^1]!["text"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Update_ReplacesTheOutputOfAnEarlierCell()
    {
        _outputs.Show("1", [new("text/plain", "before")]);
        _outputs.Begin(_notebook.Cells[1], 2);
        _outputs.Update("1", [new("text/plain", "after")]);
        Assert.Equal("after", (string?)Assert.Single(_notebook.Cells[0].Outputs)!["data"]!["text/plain"]![0]);
        Assert.Empty(_notebook.Cells[1].Outputs);
    }

    [Fact]
    public void JsonTypes_AreWrittenAsJson_TextAsLines()
    {
        _outputs.Show(null, [new("text/plain", "a\r\nb"), new("application/vnd.plotly.v1+json", "{\"data\": []}")]);
        var output = Assert.Single(_notebook.Cells[0].Outputs)!;
        Assert.IsType<JsonObject>(output["data"]!["application/vnd.plotly.v1+json"]);
        Assert.Equal("[\"a\\n\",\"b\"]", output["data"]!["text/plain"]!.ToJsonString());
        Assert.Equal(1, (int)output["execution_count"]!);
    }

    [Fact]
    public void RandomIds_CountUp_AndOtherGuidsStay()
    {
        var (id, value) = (Guid.NewGuid(), Guid.NewGuid());
        var html = new StableIds().Normalise($"<div id=\"chart-{id}\"></div><script>draw_{id:N}('{id}')</script>{value}");
        Assert.Equal(
            "<div id=\"chart-d1dd0000-0000-0000-0000-000000000000\"></div><script>draw_d1dd0000000000000000000000000000('d1dd0000-0000-0000-0000-000000000000')</script>" + value,
            html);
    }

    public void Dispose() => _folder.Dispose();
}
