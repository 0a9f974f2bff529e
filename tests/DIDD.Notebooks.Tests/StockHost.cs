using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

/// <summary>.NET Interactive's own host, the tool <c>dotnet-interactive</c>, spoken to as Polyglot Notebooks does: one line of JSON per command and event.</summary>
internal sealed class StockHost : IDisposable
{
    private readonly Process _process;
    private int _commands;

    /// <summary>Starts it in a folder, where relative paths of cells begin.</summary>
    public StockHost(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Program, "stdio", "--default-kernel", "csharp", "--working-dir", folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        start.Environment["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_INTERACTIVE_SKIP_FIRST_TIME_EXPERIENCE"] = "1";
        _process = Process.Start(start)!;
    }

    /// <summary>NuGet's packages of this user, as tests found them that set others.</summary>
    public static string Packages { get; } =
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Where <c>dotnet tool restore</c> puts the version that the manifest in <c>environment/</c> names.</summary>
    public static string Program { get; } = Path.Combine(Packages, "microsoft.dotnet-interactive", Version(), "tools", "net10.0", "any", "Microsoft.DotNet.Interactive.App.dll");

    /// <summary>Executes a cell; gives what it showed, each as MIME types with their values.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> RunAsync(string code, string kernel = "csharp")
    {
        var token = $"command-{++_commands}";
        var command = new JsonObject
        {
            ["commandType"] = "SubmitCode",
            ["command"] = new JsonObject { ["code"] = code, ["targetKernelName"] = kernel },
            ["token"] = token,
            ["routingSlip"] = new JsonArray(),
        };
        await _process.StandardInput.WriteLineAsync(command.ToJsonString());
        await _process.StandardInput.FlushAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        List<IReadOnlyDictionary<string, string>> shown = [];
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            var happened = JsonNode.Parse(line)!;
            if ((string?)happened["command"]?["token"] != token)
                continue;
            switch ((string)happened["eventType"]!)
            {
                case "ReturnValueProduced" or "DisplayedValueProduced":
                    shown.Add(happened["event"]!["formattedValues"]!.AsArray().ToDictionary(value => (string)value!["mimeType"]!, value => (string)value!["value"]!));
                    break;
                case "CommandFailed":
                    Assert.Fail($"{code}\n{happened["event"]!["message"]}");
                    break;
                case "CommandSucceeded":
                    return shown;
            }
        }

        throw new InvalidOperationException($"the host ended during\n{code}");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Version()
    {
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Folder, "environment", "dotnet-tools.json")))!;
        return (string)manifest["tools"]!["microsoft.dotnet-interactive"]!["version"]!;
    }
}
