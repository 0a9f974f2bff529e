using System.Text.RegularExpressions;

namespace DIDD.Notebooks.Tests;

/// <summary>The page <c>lib/NEW-RULE.md</c> does what it says.</summary>
public sealed partial class NewRuleTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RuleOfThePage_RunsUnderItsName()
    {
        var library = Path.Combine(Repository.Folder, "lib");
        var cells = CodeBlock().Matches(await File.ReadAllTextAsync(Path.Combine(library, "NEW-RULE.md"))).Select(block => block.Groups[1].Value.Replace("../lib", library, StringComparison.Ordinal)).ToArray();
        var lines = cells.Sum(cell => cell.TrimEnd().Split('\n').Length);
        Assert.True(cells.Length == 2 && lines <= 40, $"{lines} lines in {cells.Length} cells");
        var result = await NotebookRunner.RunAsync(_folder.WriteNotebook("rule.ipynb", cells), _folder["out/rule.ipynb"]);
        Assert.True(result.Outcome == NotebookOutcome.Ok, $"{result.Failure}");
        var printed = (string?)NotebookDocument.Load(_folder["out/rule.ipynb"]).Cells[1].Outputs[0]!["text"]![0];
        Assert.Matches(@"^mixture: A_T \d\d\.\d %, F_T ", printed);
    }

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
