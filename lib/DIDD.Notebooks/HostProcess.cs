using System.Diagnostics;
using System.Text;

namespace DIDD.Notebooks;

/// <summary>The process that a <see cref="NotebookHost"/> runs in, with the end of what native code in it wrote to the console.</summary>
internal sealed class HostProcess : IDisposable
{
    private const int Kept = 64_000;
    private const int Shown = 4_000;
    private static readonly string[] FramesBelowCell = ["   at System.", "   at Microsoft.CodeAnalysis.Scripting.", "   at DIDD.Notebooks.", "   at Microsoft.DotNet.Interactive."];

    private readonly Process _process;
    private readonly StringBuilder _written = new();
    private readonly Task _silent;

    /// <summary>Starts the process; the arguments are those of <see cref="NotebookHost.RunAsync"/>.</summary>
    public HostProcess(string path, string copy, string pipeName)
    {
        string[] arguments = ["exec", typeof(NotebookHost).Assembly.Location, "host", path, copy, pipeName];
        _process = Process.Start(new ProcessStartInfo(DotnetHost.Executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.StandardInput.Close();
        _silent = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        Exited = _process.WaitForExitAsync();
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited { get; }

    /// <summary>Largest resident memory so far, in bytes.</summary>
    public long PeakBytes => PeakOf(_process);

    /// <summary>The largest resident memory that a process has had, in bytes; on Linux the kernel's high-water mark. 0 for a process that is gone.</summary>
    public static long PeakOf(Process process)
    {
        try
        {
            process.Refresh();
            return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    /// <summary>How the process, which has, ended, and the last it wrote to the console; of the runtime's report of a crash, without the frames below the cell.</summary>
    public async Task<string> LastWordsAsync()
    {
        var end = _process.ExitCode switch
        {
            > 128 and < 160 and var code when !OperatingSystem.IsWindows() => $"was ended by signal {code - 128}{SignalMeaning(code - 128)}",
            var code => $"exited before the notebook's end (exit code {code})",
        };
        // What the process started may live on and hold the streams open.
        await Task.WhenAny(_silent, Task.Delay(TimeSpan.FromSeconds(1)));
        string[] lines;
        lock (_written)
            lines = _written.ToString().Split('\n');
        var words = string.Join('\n', lines.Where(line => !FramesBelowCell.Any(frame => line.StartsWith(frame, StringComparison.Ordinal)))).Trim();
        return words.Length == 0 ? $"the notebook's process {end}" : $"the notebook's process {end}; it wrote last:\n{words[Math.Max(0, words.Length - Shown)..]}";
    }

    /// <summary>Kills the process and all that it started, unless it ends by itself within a time.</summary>
    public async Task EndAsync(TimeSpan patience = default)
    {
        await Task.WhenAny(Exited, Task.Delay(patience));
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await Exited;
    }

    public void Dispose() => _process.Dispose();

    private static string SignalMeaning(int signal) => signal switch
    {
        6 => " (SIGABRT: native code gave up)",
        9 => " (SIGKILL: killed from outside, perhaps for lack of memory)",
        11 => " (SIGSEGV: native code touched memory that is not its own)",
        15 => " (SIGTERM: asked to end from outside)",
        _ => "",
    };

    private async Task ReadAsync(StreamReader reader)
    {
        var buffer = new char[Shown];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_written)
                _written.Append(buffer, 0, count).Remove(0, Math.Max(0, _written.Length - Kept));
        }
    }
}
