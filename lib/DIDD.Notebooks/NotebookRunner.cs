using System.Diagnostics;
using System.IO.Pipes;
using System.Text.Json;

namespace DIDD.Notebooks;

/// <summary>
/// Executes a notebook in a process of its own, so that a cell that never ends, exhausts memory or crashes takes down nothing else.
/// The executed copy is valid at any moment: it is moved into place after every cell and, while a cell prints, every second.
/// </summary>
public sealed class NotebookRunner
{
    /// <summary>How long a process may take to start executing, on a busy machine.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly NotebookRunOptions _options;
    private readonly string _source;
    private readonly string _executedCopy;
    private readonly NotebookDocument _notebook;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private CellProgress? _reached;

    private NotebookRunner(string source, string executedCopy, NotebookDocument notebook, NotebookRunOptions options) =>
        (_source, _executedCopy, _notebook, _options) = (source, executedCopy, notebook, options);

    /// <summary>Executes a notebook. Whatever goes wrong in the notebook is in the result, not thrown.</summary>
    /// <param name="path">The notebook.</param>
    /// <param name="executedCopy">Where the notebook with its outputs goes; an older copy is replaced.</param>
    /// <param name="options">Parameters, time limit; null for the defaults.</param>
    /// <param name="progress">Told of each cell as it begins and ends.</param>
    /// <param name="cancellation">Kills the notebook's process; the copy keeps the outputs so far.</param>
    /// <exception cref="ArgumentException">The copy would replace the notebook.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was asked for.</exception>
    public static async Task<NotebookResult> RunAsync(
        string path,
        string executedCopy,
        NotebookRunOptions? options = null,
        IProgress<CellProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new NotebookRunOptions();
        path = Path.GetFullPath(path);
        executedCopy = Path.GetFullPath(executedCopy);
        Directory.CreateDirectory(Path.GetDirectoryName(executedCopy)!);
        if (IsSameFile(path, executedCopy))
            throw new ArgumentException($"the executed copy would replace the notebook {path}; write it to another folder (--out of the command)");
        NotebookDocument notebook;
        try
        {
            notebook = NotebookDocument.Load(path);
            notebook.InjectParameters(options.Parameters);
        }
        catch (NotebookFormatException e)
        {
            var name = Path.GetFileName(path);
            return new(path, NotebookOutcome.Invalid, 0, 0, 0, 0, null, new CellFailure(name, null, null, e.Message[$"{name}: ".Length..]));
        }

        notebook.ClearOutputs();
        notebook.Save(executedCopy);
        return await new NotebookRunner(path, executedCopy, notebook, options).RunAsync(progress, cancellation);
    }

    private async Task<NotebookResult> RunAsync(IProgress<CellProgress>? progress, CancellationToken cancellation)
    {
        // Elsewhere a pipe is a socket, whose path the system limits: not in a user's folder of temporary files.
        var pipeName = $"{(OperatingSystem.IsWindows() ? "" : "/tmp/")}didd-{Path.GetRandomFileName()}";
        using var pipe = new NamedPipeServerStream(pipeName, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        using var process = new HostProcess(_source, _executedCopy, pipeName);
        try
        {
            var end = await ListenAsync(pipe, process, progress, cancellation);
            await process.EndAsync(TimeSpan.FromSeconds(10));
            return end is null ? Stopped(NotebookOutcome.ProcessDied, await process.LastWordsAsync())
                : Result(end.Failure is null ? NotebookOutcome.Ok : NotebookOutcome.CellFailed, end.Failure);
        }
        catch (TimeoutException)
        {
            _reached = _reached is null ? null : _reached with { PeakBytes = Math.Max(_reached.PeakBytes, process.PeakBytes) };
            await process.EndAsync();
            return Stopped(NotebookOutcome.TimedOut, _reached is null
                ? $"the notebook's process did not start within {StartLimit.TotalSeconds} s and was killed; the machine may be too busy"
                : $"the cell ran longer than its limit of {_options.CellTimeLimit.TotalSeconds:0.###} s; its process was killed");
        }
        finally
        {
            await process.EndAsync();
            File.Delete(_executedCopy + ".tmp");
        }
    }

    /// <summary>Follows the notebook to its end.</summary>
    /// <returns>The last message, or null where the process ended without one.</returns>
    /// <exception cref="TimeoutException">The process was silent for longer than it may be.</exception>
    private async Task<HostMessage?> ListenAsync(
        NamedPipeServerStream pipe, HostProcess process, IProgress<CellProgress>? progress, CancellationToken cancellation)
    {
        var connection = pipe.WaitForConnectionAsync(cancellation);
        if (await Task.WhenAny(connection, process.Exited).WaitAsync(StartLimit, cancellation) != connection)
            return null;
        using var messages = new StreamReader(pipe, leaveOpen: true);
        while (await messages.ReadLineAsync(cancellation).AsTask().WaitAsync(_reached is null ? StartLimit : _options.CellTimeLimit, cancellation) is { } line)
        {
            var message = JsonSerializer.Deserialize<HostMessage>(line)!;
            _reached = message.Progress;
            if (message.IsEnd)
                return message;
            progress?.Report(_reached);
        }

        return null;
    }

    /// <summary>The result of a process that could not tell its end itself; the executed copy is told as well.</summary>
    private NotebookResult Stopped(NotebookOutcome outcome, string message)
    {
        var failure = new CellFailure(_notebook.Name, _reached?.Cell, null, message);
        if (_reached is { Cell: var number })
        {
            var copy = NotebookDocument.Load(_executedCopy);
            var outputs = new NotebookOutputs(copy, _executedCopy);
            outputs.Begin(copy.CodeCells.ElementAt(number - 1), number);
            outputs.ShowError(new CellError($"{outcome}", message, null, [$"{failure}"]));
            outputs.End();
        }

        return Result(outcome, failure);
    }

    private NotebookResult Result(NotebookOutcome outcome, CellFailure? failure) => new(
        _source,
        outcome,
        _reached is { IsFinished: false } running ? running.Cell - 1 : _reached?.Cell ?? 0,
        _notebook.CodeCells.Count(),
        _clock.Elapsed.TotalSeconds,
        _reached?.PeakBytes ?? 0,
        _executedCopy,
        failure);

    /// <summary>Whether two paths lead to one file, through links and in whichever case: a file made beside one shows beside the other.</summary>
    private static bool IsSameFile(string source, string copy)
    {
        if (!string.Equals(Path.GetFileName(source), Path.GetFileName(copy), StringComparison.OrdinalIgnoreCase))
            return false;
        var probe = $".{Path.GetRandomFileName()}.tmp";
        var beside = Path.Combine(Path.GetDirectoryName(copy)!, probe);
        File.WriteAllText(beside, "");
        try
        {
            return File.Exists(Path.Combine(Path.GetDirectoryName(source)!, probe));
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
