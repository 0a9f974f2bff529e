using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DIDD.Notebooks.Tests;

/// <summary>The notebooks in .NET Interactive's own host.</summary>
[Collection(OneSession.Name)]
public sealed partial class DotNetInteractiveTests : IDisposable
{
    private const string Plotly = "application/vnd.plotly.v1+json";

    private readonly TestFolder _folder = new();

    /// <summary>Set to anything, it has every notebook executed in the stock host, which takes some minutes; the first alone without it.</summary>
    private const string AllVariable = "DIDD_ALL_NOTEBOOKS";

    public static TheoryData<string> Notebooks => Environment.GetEnvironmentVariable(AllVariable) is { Length: > 0 } ? RepositoryNotebooksTests.Notebooks : ["01-problem-setup.ipynb"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Plotly.NET.dll", "FSharp.Core.dll", "DynamicObj.dll")]
    public async Task ChartThatACellMakes_IsShownByPlotlysExtension(params string[] references)
    {
        var notebook = _folder.WriteNotebook(
            "chart.ipynb",
            "tag:parameters\nvar profile = \"smoke\";",
            string.Join('\n', references.Select(reference => $"#r \"{Path.Combine(Repository.Folder, "lib", "bin", reference)}\"")),
            "var bars = new Plotly.NET.Trace(\"bar\"); bars.SetProperty(\"y\", new[] { 3, 4 });\nPlotly.NET.GenericChart.ofTraceObject(false, bars)");
        var cells = await ExecuteAsync(notebook);
        Assert.Contains("\"y\":[3,4]", NotebookCell.JoinLines(cells[^1].Outputs[0]!["data"]!["text/html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Microsoft.Data.Analysis.dll", "DIDD.Figures.dll")]
    public async Task FrameThatACellMakes_IsShownAsATable(params string[] references)
    {
        var notebook = _folder.WriteNotebook(
            "frame.ipynb",
            "tag:parameters\nvar profile = \"smoke\";",
            string.Join('\n', references.Select(reference => $"#r \"{Path.Combine(Repository.Folder, "lib", "bin", reference)}\"")),
            "using Microsoft.Data.Analysis;\nnew DataFrame(new PrimitiveDataFrameColumn<int>(\"iterations\", new[] { 41, 42 }))");
        var html = NotebookCell.JoinLines((await ExecuteAsync(notebook))[^1].Outputs[0]!["data"]!["text/html"]);
        Assert.Matches("(?s)<table.*iterations.*41.*42.*</table>", html);
    }

    [DotNetInteractiveTheory]
    [MemberData(nameof(Notebooks))]
    public async Task ANotebook_DrawsItsFiguresInTheStockHost_WhoseFSharpCoreIsOlder(string name)
    {
        var cells = await ExecuteAsync(NotebookFile(name));
        var expected = cells.SelectMany(cell => cell.Outputs).Select(output => output!["data"]?[Plotly]).OfType<JsonNode>();

        using var host = new StockHost(Path.GetDirectoryName(NotebookFile(name))!);
        // From here on the host's own F# library is loaded.
        var carried = (await host.RunAsync("(typeof<list<int>>.Assembly.GetName().Version.ToString())", "fsharp"))[0]["text/plain"];
        Assert.True(Version.Parse(carried) < AssemblyName.GetAssemblyName(Path.Combine(Repository.Folder, "lib", "bin", "FSharp.Core.dll")).Version, $"the host has FSharp.Core {carried}");
        List<JsonNode> figures = [];
        foreach (var cell in NotebookDocument.Load(NotebookFile(name)).CodeCells)
            figures.AddRange((await host.RunAsync(cell.Source)).Select(shown => shown.GetValueOrDefault(Plotly)).OfType<string>().Select(text => JsonNode.Parse(text)!));

        Assert.NotEmpty(figures);
        Assert.Equal(expected.Select(figure => Comparable(name, figure)), figures.Select(figure => Comparable(name, figure)));
    }

    private static string NotebookFile(string name) => Path.Combine(Repository.Folder, "notebooks", name);

    private async Task<IReadOnlyList<NotebookCell>> ExecuteAsync(string notebook)
    {
        using var didd = Process.Start("dotnet", ["exec", DiddProcess.Program, "notebooks", "run", notebook, "--out", _folder["out"]]);
        await didd.WaitForExitAsync();
        Assert.Equal(0, didd.ExitCode);
        return [.. NotebookDocument.Load(Path.Combine(_folder["out"], Path.GetFileName(notebook))).CodeCells];
    }

    /// <summary>Outputs without what differs from run to run: names of temporary folders, ids made from content, the machine's speed. Of a notebook that measures time, their shape.</summary>
    private static string Comparable(string notebook, JsonNode outputs) => notebook.Contains("cost", StringComparison.Ordinal)
        ? Shape(outputs)
        : Speed().Replace(ContentId().Replace(TemporaryFolder().Replace(outputs.ToJsonString(), "didd-own"), "didd-id"), "GFLOP/s");

    private static string Shape(JsonNode? node) => node switch
    {
        JsonObject parts => $"{{{string.Join(',', parts.Select(part => $"{part.Key}:{Shape(part.Value)}"))}}}",
        JsonArray items when items.All(item => item is JsonValue) => "values",
        JsonArray items => $"[{string.Join(',', items.Select(Shape))}]",
        _ => node?.GetValueKind().ToString() ?? "null",
    };

    [GeneratedRegex("didd-own-[A-Za-z0-9]{6}")]
    private static partial Regex TemporaryFolder();

    [GeneratedRegex("[0-9]+ GFLOP/s")]
    private static partial Regex Speed();

    [GeneratedRegex("didd-[0-9a-f]{16}")]
    private static partial Regex ContentId();
}

/// <summary>A test in .NET Interactive's own host: skipped where it is not, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DotNetInteractiveTheoryAttribute : TheoryAttribute
{
    public DotNetInteractiveTheoryAttribute(bool linux = false, [CallerMemberName] string test = "")
    {
        if (linux && !OperatingSystem.IsLinux())
            Skip = "needs Linux";
        else if (!File.Exists(StockHost.Program))
            Skip = "needs dotnet tool restore --tool-manifest environment/dotnet-tools.json";
        else
            return;
        DisplayName = $"{test}: {Skip}";
    }
}
