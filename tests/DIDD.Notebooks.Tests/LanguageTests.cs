namespace DIDD.Notebooks.Tests;

/// <summary>Cells in more languages than C#.</summary>
public sealed class LanguageTests : SessionTest
{
    private readonly string? _home = Environment.GetEnvironmentVariable("HOME");

    public LanguageTests() => Environment.SetEnvironmentVariable("NUGET_PACKAGES", StockHost.Packages);

    [Fact]
    public async Task HtmlAndMarkdown_AreShown_AndCSharpGoesOnBelowThem()
    {
        await RunAsync("var before = 1;\n#!html\n<b>x</b>\n#!csharp\nvar after = before + 1;\n#!markdown\n# Title");
        Assert.Equal(["<b>x</b>", "# Title"], Outputs.Displays.Values.Select(bundle => Assert.Single(bundle).Value.Trim()));
        Assert.Equal("2", await ValueAsync("after.ToString()"));
    }

    [Fact]
    public async Task JavaScript_IsSentToThePage()
    {
        await RunAsync("#!javascript\nconsole.log('from a cell');");
        Assert.Contains("console.log('from a cell');", Assert.Single(Outputs.Displays).Value["text/html"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Value_IsKept_AndSharedWithCSharp()
    {
        await RunAsync("#!value --name table\ndomain,accuracy\nmnist,0.9");
        await RunAsync("#!set --name lines --value @value:table");
        Assert.Equal("domain,accuracy mnist,0.9", (await ValueAsync("lines.Trim().Replace('\\n', ' ')")).Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ValueWithoutAName_IsRefused() => Assert.Contains("--name", (await FailAsync("#!value\ntext")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task SharedValue_IsDeclaredInThePage()
    {
        await RunAsync("var ranks = new[] { 1, 2, 3 };");
        await RunAsync("#!javascript\n#!share --from csharp ranks\nconsole.log(ranks);");
        Assert.Contains(Outputs.Displays.Values, bundle => bundle["text/html"].Contains("ranks = [1,2,3]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LanguageOfTheTool_WithoutTheTool_SaysHowToInstallIt()
    {
        Environment.SetEnvironmentVariable("HOME", Folder.Path);
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", Folder["packages"]);
        try
        {
            var error = await FailAsync("var x = 1;\n#!fsharp\nlet y = 1");
            Assert.Equal(2, error.Line);
            Assert.Contains("#!fsharp needs .NET Interactive's tool", error.Message, StringComparison.Ordinal);
            Assert.Contains("dotnet tool install", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("HOME", _home);
        }
    }

    [DotNetInteractiveTheory]
    [InlineData("#!fsharp\nprintfn \"printed\"\n[1; 2; 3] |> List.sum", "6")]
    [InlineData("#!pwsh\n1 + 5", "6")]
    public async Task LanguageOfTheTool_ShowsWhatItPrintsAndGives(string code, string expected)
    {
        await RunAsync(code);
        Assert.Contains(expected, Outputs.Stdout + string.Concat(Outputs.Results.Select(bundle => bundle.Values.First())), StringComparison.Ordinal);
    }

    [DotNetInteractiveTheory]
    [InlineData("fsharp")]
    public async Task Values_GoToTheToolAndBack_AndItsErrorsNameTheirLine(string language)
    {
        await RunAsync("var accuracy = new[] { 0.5, 0.7 };");
        await RunAsync($"#!{language}\n#!share --from csharp accuracy\nlet best = 10.0");
        await RunAsync($"#!set --name best --value @{language}:best");
        Assert.Equal("10 0.7", await ValueAsync("$\"{best} {accuracy[1]}\""));
        var error = await FailAsync($"var fine = 1;\n#!{language}\nlet wrong : int = \"text\"");
        Assert.Equal(2, error.Line);
        Assert.Contains("string", error.Message, StringComparison.Ordinal);
    }

    [DotNetInteractiveTheory(linux: true)]
    [InlineData("fsharp", "while true do ()")]
    public async Task InterruptOfTheTool_EndsItsProcess_AndTheSessionGoesOn(string language, string endless)
    {
        await RunAsync($"var kept = 1;\n#!{language}\n1");
        Assert.NotEmpty(ProcessesInFolder());
        using var interrupt = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var error = await InterruptibleAsync($"#!{language}\n{endless}", interrupt.Token).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("Interrupted", error?.Kind);
        await UntilNoProcessWorksInTheFolderAsync();
        Assert.Equal("1", await ValueAsync("kept.ToString()"));
        Assert.Contains("start the notebook again", (await FailAsync($"#!{language}\n1")).Message, StringComparison.Ordinal);
    }

    [DotNetInteractiveTheory(linux: true)]
    [InlineData("mermaid", "flowchart LR; A-->B")]
    public async Task ProcessOfTheTool_EndsWithTheNotebooks_HoweverThatEnds(string language, string diagram)
    {
        var notebook = Folder.WriteNotebook("a.ipynb", $"#!{language}\n{diagram}", "Environment.FailFast(\"gone\");");
        var result = await NotebookRunner.RunAsync(notebook, Folder["out/a.ipynb"]);
        Assert.Equal((NotebookOutcome.ProcessDied, 1), (result.Outcome, result.CellsExecuted));
        Assert.Contains("A-->B", NotebookDocument.Load(Folder["out/a.ipynb"]).Cells[0].Outputs.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
        await UntilNoProcessWorksInTheFolderAsync();
    }

    private async Task UntilNoProcessWorksInTheFolderAsync()
    {
        for (var attempts = 0; attempts < 100 && ProcessesInFolder().Any(); attempts++)
            await Task.Delay(100);
        Assert.Empty(ProcessesInFolder());
    }

    /// <summary>The processes that work in the notebook's folder, as the tool and what starts it do.</summary>
    private IEnumerable<string> ProcessesInFolder() =>
        Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _) && WorkingFolder(folder) == Folder.Path);

    private static string? WorkingFolder(string process)
    {
        try
        {
            return Directory.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
