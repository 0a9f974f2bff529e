namespace DIDD.Notebooks;

/// <summary>
/// Executes a notebook in a process of its own, so that a cell that never ends, exhausts memory or crashes takes down nothing else.
/// The executed copy is valid at any moment: it is moved into place after every cell and, while a cell prints, every second.
/// </summary>
public static class NotebookRunner
{
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
        catch (InvalidDataException e)
        {
            var name = Path.GetFileName(path);
            return new(path, NotebookOutcome.Invalid, 0, 0, 0, 0, null, new CellFailure(name, null, null, e.Message[$"{name}: ".Length..]));
        }

        notebook.ClearOutputs();
        notebook.Save(executedCopy);
        return await ExecuteAsync(path, executedCopy, notebook, options, progress, cancellation);
    }

    private static async Task<NotebookResult> ExecuteAsync(
        string path, string executedCopy, NotebookDocument notebook, NotebookRunOptions options, IProgress<CellProgress>? progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var process = new HostProcess(path, executedCopy);
        try
        {
            var end = await process.ListenAsync(options.CellTimeLimit, progress, cancellation);
            await process.EndAsync(TimeSpan.FromSeconds(10));
            return end is null ? Stopped(NotebookOutcome.ProcessDied, await process.LastWordsAsync())
                : Result(end.Failure is null ? NotebookOutcome.Ok : NotebookOutcome.CellFailed, end.Failure);
        }
        catch (TimeoutException)
        {
            await process.EndAsync();
            return Stopped(NotebookOutcome.TimedOut, process.Reached is null
                ? $"the notebook's process did not start within {HostProcess.StartLimit.TotalSeconds} s and was killed; the machine may be too busy"
                : $"the cell ran longer than its limit of {options.CellTimeLimit.TotalSeconds:0.###} s; its process was killed");
        }
        finally
        {
            await process.EndAsync();
            File.Delete(executedCopy + ".tmp");
        }

        // Of a process that could not tell its end itself; the executed copy is told as well.
        NotebookResult Stopped(NotebookOutcome outcome, string message)
        {
            var failure = new CellFailure(notebook.Name, process.Reached?.Cell, null, message);
            if (process.Reached is { Cell: var number })
            {
                var copy = NotebookDocument.Load(executedCopy);
                var outputs = new NotebookOutputs(copy, executedCopy);
                outputs.Begin(copy.CodeCells.ElementAt(number - 1), number);
                outputs.ShowError(new CellError($"{outcome}", message, null, [$"{failure}"]));
                outputs.End();
            }

            return Result(outcome, failure);
        }

        NotebookResult Result(NotebookOutcome outcome, CellFailure? failure)
        {
            var finished = process.Reached is null ? 0 : process.Reached.IsFinished ? process.Reached.Cell : process.Reached.Cell - 1;
            return new(path, outcome, finished, notebook.CodeCells.Count(), clock.Elapsed.TotalSeconds, process.PeakBytes, executedCopy, failure);
        }
    }

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
