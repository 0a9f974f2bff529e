using System.IO.Pipes;

namespace DIDD.Notebooks;

/// <summary>The process that a <see cref="NotebookHost"/> runs in: what it reports, and the end of what native code in it wrote to the console.</summary>
internal sealed class HostProcess : IDisposable
{
    /// <summary>How long a process may take to start executing, on a busy machine.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private const int Kept = 64_000;
    private const int Shown = 4_000;
    private static readonly string[] FramesBelowCell = ["   at System.", "   at Microsoft.CodeAnalysis.Scripting.", "   at DIDD.Notebooks.", "   at Microsoft.DotNet.Interactive."];

    private readonly NamedPipeServerStream _pipe;
    private readonly Process _process;
    private readonly Task _exited;
    private readonly StringBuilder _written = new();
    private readonly Task _silent;

    /// <summary>Starts the process.</summary>
    /// <param name="path">Full path of the notebook.</param>
    /// <param name="copy">Full path of the copy to execute in place.</param>
    public HostProcess(string path, string copy)
    {
        // Elsewhere a pipe is a socket, whose path the system limits: not in a user's folder of temporary files.
        var pipeName = $"{(OperatingSystem.IsWindows() ? "" : "/tmp/")}didd-{Path.GetRandomFileName()}";
        _pipe = new NamedPipeServerStream(pipeName, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        string[] arguments = ["exec", typeof(NotebookHost).Assembly.Location, "host", path, copy, pipeName];
        _process = Process.Start(new ProcessStartInfo(DotnetHost.Executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.StandardInput.Close();
        _silent = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        _exited = _process.WaitForExitAsync();
    }

    /// <summary>The cell that it has come to; null before the first.</summary>
    public CellProgress? Reached { get; private set; }

    /// <summary>Largest resident memory so far, in bytes.</summary>
    public long PeakBytes { get; private set; }

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

    /// <summary>Follows the notebook to its end.</summary>
    /// <returns>The last message, or null where the process ended without one.</returns>
    /// <exception cref="TimeoutException">The process was silent for longer than it may be.</exception>
    public async Task<HostMessage?> ListenAsync(TimeSpan cellTimeLimit, IProgress<CellProgress>? progress, CancellationToken cancellation)
    {
        var connection = _pipe.WaitForConnectionAsync(cancellation);
        if (await Task.WhenAny(connection, _exited).WaitAsync(StartLimit, cancellation) != connection)
            return null;
        using var messages = new StreamReader(_pipe, leaveOpen: true);
        while (await messages.ReadLineAsync(cancellation).AsTask().WaitAsync(Reached is null ? StartLimit : cellTimeLimit, cancellation) is { } line)
        {
            var message = JsonSerializer.Deserialize<HostMessage>(line)!;
            Reached = message.Progress;
            PeakBytes = Math.Max(PeakBytes, Reached.PeakBytes);
            if (message.IsEnd)
                return message;
            progress?.Report(Reached);
        }

        return null;
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
        await Task.WhenAny(_exited, Task.Delay(patience));
        PeakBytes = Math.Max(PeakBytes, PeakOf(_process));
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _exited;
    }

    public void Dispose()
    {
        _pipe.Dispose();
        _process.Dispose();
    }

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
