namespace DIDD.Notebooks.Tests;

/// <summary>What the command promises, held by the built command, case by case of <c>cases.txt</c>.</summary>
public sealed class CaseTableTests(CaseTable table) : IClassFixture<CaseTable>
{
    /// <summary>The titles of the cases.</summary>
    public static TheoryData<string> Titles => [.. CaseTable.Cases.Keys];

    [LinuxTheory]
    [MemberData(nameof(Titles))]
    public void Case(string title)
    {
        using var folder = new TestFolder();
        var wanted = CaseTable.Cases[title];
        if (wanted.NeedsMount && table.Run("mkdir mounted && mount -t tmpfs none mounted && umount mounted", folder.Path) is { ExitCode: not 0 } refused)
        {
            Console.WriteLine($"skipped: {title}: needs the right to mount ({refused.Output.Trim()})");
            return;
        }
        Assert.NotEmpty(wanted.Steps);
        foreach (var step in wanted.Steps)
        {
            var (exitCode, output) = table.Run(step.Command, folder.Path);
            var said = $"$ {step.Command}\n{output}exit code {exitCode}";
            Assert.True(exitCode == step.ExitCode, $"{said}, expected {step.ExitCode}");
            foreach (var part in step.Parts)
                Assert.True(output.Contains(part, StringComparison.Ordinal), $"{said}\nexpected: {part}");
            foreach (var part in step.Absent)
                Assert.False(output.Contains(part, StringComparison.Ordinal), $"{said}\nnot expected: {part}");
        }
    }
}
