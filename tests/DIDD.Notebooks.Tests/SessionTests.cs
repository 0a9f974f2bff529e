namespace DIDD.Notebooks.Tests;

public sealed class SessionTests : SessionTest
{
    [Fact]
    public async Task State_IsKeptAcrossCells()
    {
        await RunAsync("var x = 20; int Twice(int v) => 2 * v; record Point(int X);");
        await RunAsync("x += 1;");
        Assert.Equal("42 5", await ValueAsync("$\"{Twice(x)} {new Point(5).X}\""));
    }

    [Fact]
    public async Task State_SurvivesACellThatThrows()
    {
        await RunAsync("var x = 1;");
        await FailAsync("x = 2; var y = 3; throw new Exception();");
        Assert.Equal("2 3", await ValueAsync("$\"{x} {y}\""));
    }

    [Fact]
    public async Task DefaultImports_AreThoseOfDotNetInteractive() =>
        Assert.Equal("3", await ValueAsync("""
            var words = new List<string> { "a", "b", "c" };
            IEnumerable any = words;
            var builder = new StringBuilder();
            Task task = Task.CompletedTask;
            words.Count().ToString()
            """));

    [Fact]
    public async Task TrailingExpression_IsTheResult_AStatementIsNot()
    {
        await RunAsync("var y = 1;");
        await RunAsync("Console.WriteLine(1)");
        Assert.Empty(Outputs.Results);
        await RunAsync("new[] { 1, 2 }");
        Assert.Contains("[ 1, 2 ]", Assert.Single(Outputs.Results)["text/html"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task NullResult_IsShown()
    {
        await RunAsync("(string)null");
        Assert.Contains("null", Assert.Single(Assert.Single(Outputs.Results)).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Await_WorksAtTheTopLevel() =>
        Assert.Equal("7", await ValueAsync("var seven = await Task.Run(async () => { await Task.Delay(1); return 7; });\nseven.ToString()"));

    [Fact]
    public async Task Display_CanBeUpdated_ByAnEarlierCellsHandle()
    {
        await RunAsync("var shown = display(\"before\"); display(\"other\");");
        await RunAsync("shown.Update(\"after\");");
        Assert.Equal(["after", "other"], Outputs.Displays.Values.Select(bundle => bundle["text/plain"]));
    }

    [Fact]
    public async Task DisplayedValue_AsTrailingExpression_IsShownOnce()
    {
        await RunAsync("\"once\".Display()");
        Assert.Single(Outputs.Displays);
        Assert.Empty(Outputs.Results);
    }

    [Fact]
    public async Task Html_IsRendered_TextIsEscaped()
    {
        await RunAsync("HTML(\"<b>bold</b>\").Display(); display(new[] { \"<b>\" }); CSS(\"b { color: red }\"); \"<i>x</i>\".DisplayAs(\"text/html\");");
        var shown = Outputs.Displays.Values.Select(bundle => bundle["text/html"]).ToArray();
        Assert.Equal("<b>bold</b>", shown[0]);
        Assert.Contains("&lt;b&gt;", shown[1], StringComparison.Ordinal);
        Assert.Equal("<style>b { color: red }</style>", shown[2]);
        Assert.Equal("<i>x</i>", shown[3]);
    }

    [Fact]
    public async Task Display_AsGivenTypes_ShowsThose()
    {
        await RunAsync("display(5, \"text/plain\", \"application/json\");");
        Assert.Equal(["application/json", "text/plain"], Assert.Single(Outputs.Displays).Value.Keys.Order());
    }

    [Fact]
    public async Task Console_IsCaptured_EachStreamByItsName()
    {
        await RunAsync("Console.WriteLine(\"out\"); Console.Write('c'); Console.Write(\"{0:F1}\", 1.5); Console.Error.WriteLine(\"err\");");
        Assert.Equal("out\nc1.5", Outputs.Stdout);
        Assert.Equal("err\n", Outputs.Stderr);
    }

    [Fact]
    public async Task WorkerThreads_ShowInTheCellThatRuns()
    {
        await RunAsync("""
            var workers = Enumerable.Range(0, 4).Select(i => new System.Threading.Thread(() => { i.Display(); Console.WriteLine("w"); })).ToList();
            workers.ForEach(worker => worker.Start());
            workers.ForEach(worker => worker.Join());
            """);
        Assert.Equal(4, Outputs.Displays.Count);
        Assert.Equal("w\nw\nw\nw\n", Outputs.Stdout);
    }

    [Fact]
    public async Task CompileError_NamesCellLineAndMessage_AndNothingRuns()
    {
        var error = await FailAsync("Console.WriteLine(1);\n\nint x = \"text\";");
        Assert.Equal(("CompilationError", 3), (error.Kind, error.Line));
        Assert.Contains("CS0029", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.ipynb, cell [1], line 3: CS0029", Assert.Single(error.Trace), StringComparison.Ordinal);
        Assert.Empty(Outputs.Stdout);
    }

    [Fact]
    public async Task CompileError_BelowADirective_NamesTheSameLineAsTheCell() =>
        Assert.Equal(3, (await FailAsync("#!csharp\n#!time\nint x = \"text\";")).Line);

    [Fact]
    public async Task Exception_NamesItsLine_AndTheTraceEndsAtTheCell()
    {
        var error = await FailAsync("void Fail() => throw new InvalidOperationException(\"boom\");\n\nawait Task.Yield();\nFail();");
        Assert.Equal(("System.InvalidOperationException", "boom", 1), (error.Kind, error.Message, error.Line));
        Assert.Equal("test.ipynb, cell [1], line 1: System.InvalidOperationException: boom", error.Trace[0]);
        Assert.Equal("   at test.ipynb, cell [1], line 4", error.Trace[^1]);
        Assert.DoesNotContain(error.Trace, line => line.Contains("Scripting", StringComparison.Ordinal) || line.Contains(Folder.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exception_WithAnInnerOne_ShowsBoth()
    {
        var error = await FailAsync("try { int.Parse(\"x\"); }\ncatch (Exception e) { throw new Exception(\"outer\", e); }");
        Assert.Equal(2, error.Line);
        Assert.Contains(error.Trace, line => line.Contains("FormatException", StringComparison.Ordinal));
    }

    [Fact]
    public void SecondSession_InTheProcess_IsRefused() => Assert.Throws<InvalidOperationException>(() => new Session(Folder.Path));
}
