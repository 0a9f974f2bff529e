using System.Diagnostics;
using System.Security.Cryptography;

namespace DIDD.Notebooks.Tests;

/// <summary>The command <c>didd</c> as users start it: a process of its own.</summary>
internal static class DiddProcess
{
    public static string Program { get; } = Path.Combine(Repository.Folder, "lib", "bin", "DIDD.Cli.dll");

    /// <summary>Starts it in the repository's folder.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="data">Folder of data sets, or that of this process.</param>
    /// <param name="through">A program that starts dotnet in its turn, with what stands before that.</param>
    public static Process Start(string arguments, string? data = null, string through = "")
    {
        var words = $"{through} dotnet exec {Program} {arguments}".Trim().Split(' ', 2);
        var start = new ProcessStartInfo(words[0], words[1])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Folder,
        };
        if (data is not null)
            start.Environment["DIDD_DATA"] = data;
        return Process.Start(start)!;
    }

    public static async Task<(int ExitCode, string Output, string Error)> Didd(string arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    /// <summary>SHA-256 of the sets in a folder, by their files' names.</summary>
    public static Dictionary<string, string> Hashes(string folder) => Directory.GetFiles(folder, "domain-*.safetensors")
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
}
