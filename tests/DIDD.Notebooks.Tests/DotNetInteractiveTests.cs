using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace DIDD.Notebooks.Tests;

/// <summary>The notebooks on .NET Interactive: they pass, with the outputs that the embedded engine gives.</summary>
[Collection(OneSession.Name)]
public sealed class DotNetInteractiveTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Notebooks => RepositoryNotebooksTests.Notebooks;

    public void Dispose() => _folder.Dispose();

    [DotNetInteractiveTheory]
    [MemberData(nameof(Notebooks))]
    public async Task EveryNotebook_HasTheOutputsOfTheEmbeddedEngine(string name) =>
        Assert.Equal(await OutputsAsync(name, "embedded"), await OutputsAsync(name, "dotnet-interactive"));

    private async Task<List<string>> OutputsAsync(string name, string engine)
    {
        var command = Path.Combine(Repository.Folder, "lib", "bin", "DIDD.Cli.dll");
        using var didd = Process.Start("dotnet", ["exec", command, "notebooks", "run", Path.Combine(Repository.Folder, "notebooks", name), "--engine", engine, "--out", _folder[engine]]);
        await didd.WaitForExitAsync();
        Assert.Equal(0, didd.ExitCode);
        return [.. NotebookDocument.Load(Path.Combine(_folder[engine], name)).CodeCells.Select(cell => cell.Outputs.ToJsonString())];
    }
}

/// <summary>A test of builds with that engine: skipped in others, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DotNetInteractiveTheoryAttribute : TheoryAttribute
{
    public DotNetInteractiveTheoryAttribute([CallerMemberName] string test = "")
    {
        if (Directory.Exists(Path.Combine(Repository.Folder, "lib", "bin", "dotnet-interactive")))
            return;
        Skip = "needs a build with -p:NotebookEngine=dotnet-interactive";
        DisplayName = $"{test}: {Skip}";
    }
}
