using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace DIDD.Notebooks.Tests;

/// <summary>The packages, made of what was built and used in a folder outside the repository by a user with an empty home.</summary>
[Collection(OneSession.Name)]
public sealed partial class InstalledPackagesTests : IDisposable
{
    /// <summary>One that nobody has: installed packages are remembered by their version.</summary>
    private static readonly string Version = $"0.1.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Packages_WorkOutsideTheRepository_AsATool_InANotebook_AndInAProject()
    {
        foreach (var name in (string[])["home", "feed", "work"])
            Directory.CreateDirectory(_folder[name]);
        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        await RunAsync(Repository.Folder, "dotnet", "pack", "DIDD.Notebooks.sln", "--no-build", "-c", configuration, $"-p:PackageVersion={Version}", "-o", _folder["feed"]);
        _folder.Write("nuget.config", "<configuration><packageSources><clear /><add key=\"feed\" value=\"feed\" /></packageSources></configuration>");
        await RunAsync(_folder["work"], "dotnet", "tool", "install", "DIDD.Cli", "--tool-path", _folder["tool"], "--version", Version);

        var didd = _folder["tool/didd"];
        await RunAsync(_folder["work"], didd, "doctor");
        await RunAsync(_folder["work"], didd, "run", "--profile", "smoke", "--set", "distillation.iterations=5", "--set", "evaluation.epochs=5");
        _folder.WriteNotebook("work/mine.ipynb", ExampleCell());
        await RunAsync(_folder["work"], didd, "notebooks", "run", "mine.ipynb", "--out", "executed");
        var output = Assert.Single(Assert.Single(NotebookDocument.Load(_folder["work/executed/mine.ipynb"]).CodeCells).Outputs)!;
        Assert.True(output["data"]!.AsObject().ContainsKey(FigurePictures.PlotlyType));
        // The tool's run and the notebook's, each with its own copy of the library.
        string[] runs = Directory.GetDirectories(_folder["work/out/runs"]);
        Assert.Equal(2, runs.Length);
        Assert.Single(runs.Select(run => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(run, "domain-03.safetensors"))))).Distinct());

        Assert.Contains("data/runs of the repository", await FailAsync(didd, "claims"), StringComparison.Ordinal);
        Assert.Contains("--data or DIDD_DATA", await FailAsync(didd, "run", "--dataset", "emoji-styles"), StringComparison.Ordinal);
        Assert.Contains("name the notebooks", await FailAsync(didd, "notebooks", "run"), StringComparison.Ordinal);

        WriteProject();
        Assert.Equal("60000 3 Ok", (await RunAsync(_folder["project"], "dotnet", "run")).Trim().Split('\n')[^1].Trim());
    }

    /// <summary>The example of the packages' README, with the version under test.</summary>
    private static string ExampleCell()
    {
        var readme = File.ReadAllLines(Path.Combine(Repository.Folder, "environment", "package", "README.md"));
        var cell = readme.SkipWhile(line => !line.Contains("#r \"nuget:", StringComparison.Ordinal)).TakeWhile(line => line.Length == 0 || line[0] == ' ');
        return OwnVersion().Replace(string.Join('\n', cell.Select(line => line.Trim())).Trim(), $"${{1}}{Version}\"")
            .Replace("Profiles.Spec(\"smoke\")", "Profiles.Spec(\"smoke\").With(\"distillation.iterations\", \"5\").With(\"evaluation.epochs\", \"5\")", StringComparison.Ordinal);
    }

    private void WriteProject()
    {
        _folder.Write("project/project.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="DIDD.Figures" Version="{Version}" />
                <PackageReference Include="DIDD.Notebooks" Version="{Version}" />
                <PackageReference Include="TorchSharp-cpu" Version="{TorchVersion().Match(ExampleCell()).Groups["version"].Value}" />
              </ItemGroup>
            </Project>
            """);
        _folder.WriteNotebook("project/mine.ipynb", "1 + 1");
        _folder.Write("project/Program.cs", """
            using DIDD.Data;
            using DIDD.Notebooks;
            using TorchSharp;
            using var stream = DataSetEntry.ByName["r-mnist"].Open(new DataRequest(new DataSettings(), Domains: 1));
            var digits = stream.Train(0).Count;
            var sum = torch.ones(3).sum().item<float>();
            var result = await NotebookRunner.RunAsync("mine.ipynb", "executed/mine.ipynb");
            Console.WriteLine($"{digits} {sum} {result.Outcome}");
            """);
    }

    private async Task<string> FailAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await StartAsync(_folder["work"], program, arguments);
        Assert.NotEqual(0, exitCode);
        return output;
    }

    private async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var (exitCode, output) = await StartAsync(folder, program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code {exitCode}\n{output}");
        return output;
    }

    private async Task<(int ExitCode, string Output)> StartAsync(string folder, string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("DIDD_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(variable);
        start.Environment["DOTNET_NOLOGO"] = start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        if (folder != Repository.Folder)
        {
            start.Environment["HOME"] = start.Environment["USERPROFILE"] = start.Environment["DOTNET_CLI_HOME"] = _folder["home"];
            start.Environment["XDG_CACHE_HOME"] = _folder["home/.cache"];
            // Dependencies come from the user's packages, and nothing goes there.
            start.Environment["NUGET_PACKAGES"] = _folder["packages"];
            start.Environment["NUGET_FALLBACK_PACKAGES"] = StockHost.Packages;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex("(#r \"nuget: DIDD[^,]*, )[^\"]*\"")]
    private static partial Regex OwnVersion();

    [GeneratedRegex("TorchSharp-cpu, (?<version>[^\"]*)")]
    private static partial Regex TorchVersion();
}
