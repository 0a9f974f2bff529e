using System.Diagnostics;
using System.Text.Json;

namespace DIDD.Notebooks;

/// <summary>The process that a <see cref="NotebookHost"/> runs in, with the end of what native code in it wrote to the console.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConsoleTail _output;
    private readonly ConsoleTail _error;

    /// <param name="request">What the process does.</param>
    public HostProcess(HostRequest request)
    {
        string[] arguments = ["exec", typeof(NotebookHost).Assembly.Location, "host", JsonSerializer.Serialize(request)];
        _process = Process.Start(new ProcessStartInfo(DotnetHost.Executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.StandardInput.Close();
        _output = new ConsoleTail(_process.StandardOutput);
        _error = new ConsoleTail(_process.StandardError);
        Exited = _process.WaitForExitAsync();
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited { get; }

    /// <summary>Largest resident memory so far, in bytes.</summary>
    public long PeakBytes => PeakMemory.Of(_process);

    /// <summary>How the process, which has, ended, and the last it wrote to the console.</summary>
    public async Task<string> LastWordsAsync()
    {
        var end = _process.ExitCode switch
        {
            > 128 and < 160 and var code when !OperatingSystem.IsWindows() => $"was ended by signal {code - 128}{SignalMeaning(code - 128)}",
            var code => $"exited before the notebook's end (exit code {code})",
        };
        // What the process started may live on and hold the streams open.
        await Task.WhenAny(Task.WhenAll(_output.Ended, _error.Ended), Task.Delay(TimeSpan.FromSeconds(1)));
        var words = string.Join('\n', new[] { _output.Text, _error.Text }.Where(_text => _text.Length > 0));
        return words.Length == 0 ? $"the notebook's process {end}" : $"the notebook's process {end}; it wrote last:\n{words}";
    }

    /// <summary>Waits for the process to end by itself, then kills it.</summary>
    public async Task ExitedAsync(TimeSpan limit)
    {
        await Task.WhenAny(Exited, Task.Delay(limit));
        await KillAsync();
    }

    /// <summary>Ends the process and all that it started, if it still runs.</summary>
    public async Task KillAsync()
    {
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

    /// <summary>Reads a stream to its end and keeps the last of it.</summary>
    private sealed class ConsoleTail
    {
        private const int Kept = 64_000;
        private const int Shown = 4_000;
        private static readonly string[] FramesBelowCell = ["   at System.", "   at Microsoft.CodeAnalysis.Scripting.", "   at DIDD.Notebooks.", "   at Microsoft.DotNet.Interactive."];

        private readonly Lock _gate = new();
        private string _text = "";

        public ConsoleTail(StreamReader reader) => Ended = ReadAsync(reader);

        public Task Ended { get; }

        /// <summary>The last that was written; of the runtime's report of a crash, without the frames below the cell.</summary>
        public string Text
        {
            get
            {
                string all;
                lock (_gate)
                    all = _text;
                var lines = all.Split('\n').Where(line => !FramesBelowCell.Any(frame => line.StartsWith(frame, StringComparison.Ordinal)));
                var shown = string.Join('\n', lines).Trim();
                return shown[Math.Max(0, shown.Length - Shown)..];
            }
        }

        private async Task ReadAsync(StreamReader reader)
        {
            var buffer = new char[Shown];
            while (await reader.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_gate)
                {
                    _text += new string(buffer, 0, count);
                    _text = _text[Math.Max(0, _text.Length - Kept)..];
                }
            }
        }
    }
}
