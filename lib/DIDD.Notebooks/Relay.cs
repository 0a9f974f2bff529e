namespace DIDD.Notebooks;

/// <summary>Runs a program that reads commands from its input and would outlive whoever sent them.</summary>
internal static class Relay
{
    /// <summary>Runs the program on this process's own streams, and kills it once the input ends, as it does when the process that writes to it is gone, however it went.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            Environment = { ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1" },
        })!;
        var exited = process.WaitForExitAsync();
        await Task.WhenAny(Console.OpenStandardInput().CopyToAsync(process.StandardInput.BaseStream), exited);
        process.Kill(entireProcessTree: true);
        await exited;
        return process.ExitCode;
    }
}
