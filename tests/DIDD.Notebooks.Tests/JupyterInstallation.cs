using System.Diagnostics;

namespace DIDD.Notebooks.Tests;

/// <summary>Debian's Jupyter with this repository's kernel installed into a folder of its own.</summary>
public sealed class JupyterInstallation : IDisposable
{
    /// <summary>The Python that Debian's Jupyter belongs to.</summary>
    public const string Python = "/usr/bin/python3";

    private readonly TestFolder _folder = new();

    public JupyterInstallation()
    {
        if (JupyterNeeds.Missing is not null)
            return;
        using var install = Start("dotnet", ["exec", DiddProcess.Program, "notebooks", "kernel", "install"]);
        install.WaitForExit();
        Assert.Equal(0, install.ExitCode);
    }

    /// <summary>What every client finds in its environment.</summary>
    private Dictionary<string, string> Variables => new()
    {
        ["JUPYTER_DATA_DIR"] = _folder["data"],
        ["JUPYTER_CONFIG_DIR"] = _folder["config"],
        ["JUPYTER_RUNTIME_DIR"] = _folder["runtime"],
        ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1",
        // One process among others' tests.
        ["OMP_NUM_THREADS"] = "1",
    };

    internal string this[string name] => _folder[name];

    /// <summary>Starts a program with this Jupyter in its environment, and with Ctrl-C as its signal even where the tests run in the background.</summary>
    public Process Start(string program, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Repository.Folder };
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public async Task<string> RunAsync(string program, string[] arguments, string? folder, TimeSpan limit)
    {
        using var process = Start(program, arguments, folder);
        using var cancellation = new CancellationTokenSource(limit);
        await using var kill = cancellation.Token.Register(() => process.Kill(entireProcessTree: true));
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0 && !cancellation.IsCancellationRequested, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output}\n{await error}");
        return output + await error;
    }

    public void Dispose() => _folder.Dispose();
}
