using System.IO.Pipes;

namespace DIDD.Notebooks;

/// <summary>A message from a notebook's process: one line of JSON on a pipe of its own, out of reach of whatever writes to the console.</summary>
/// <param name="Progress">The cell that it has come to.</param>
/// <param name="IsEnd">Whether no cell follows.</param>
/// <param name="Failure">At the end: what stopped the notebook, if anything did.</param>
internal sealed record HostMessage(CellProgress Progress, bool IsEnd = false, CellFailure? Failure = null);

/// <summary>A notebook's own process: executes its cells, keeps the executed copy up to date and reports to the runner.</summary>
internal static class NotebookHost
{
    /// <summary>Executes a notebook.</summary>
    /// <param name="path">Full path of the notebook: its name in messages, and the folder where its relative paths start.</param>
    /// <param name="copy">Full path of the copy to execute in place: parameters injected, without outputs.</param>
    /// <param name="pipeName">The pipe that takes the messages.</param>
    /// <returns>The exit code: 0 unless a cell failed.</returns>
    public static async Task<int> RunAsync(string path, string copy, string pipeName)
    {
        // Left to the end of the process: closing it would read as the runner's end.
        var pipe = new NamedPipeClientStream(".", pipeName, PipeDirection.InOut, PipeOptions.Asynchronous);
        await pipe.ConnectAsync();
        // Nothing comes through it but its end, and that is the runner's.
        _ = pipe.ReadAsync(new byte[1]).AsTask().ContinueWith(_ => Process.GetCurrentProcess().Kill(), TaskScheduler.Default);
        // The terminal sends Ctrl-C to this process too; the runner decides.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        var folder = Path.GetDirectoryName(path)!;
        Directory.SetCurrentDirectory(folder);
        using var session = new Session(folder);
        // Not in the first cell's time.
        await session.StartAsync();
        var messages = new StreamWriter(pipe) { AutoFlush = true };
        var notebook = NotebookDocument.Parse(await File.ReadAllTextAsync(copy), Path.GetFileName(path));
        var failure = await ExecuteAsync(notebook, session, new NotebookOutputs(notebook, copy), message => messages.WriteLine(JsonSerializer.Serialize(message)));
        return failure is null ? 0 : 1;
    }

    private static async Task<CellFailure?> ExecuteAsync(NotebookDocument notebook, Session session, NotebookOutputs outputs, Action<HostMessage> report)
    {
        var cells = notebook.CodeCells.ToList();
        CellFailure? failure = null;
        var number = 0;
        foreach (var cell in cells)
        {
            outputs.Begin(cell, ++number);
            report(new(Progress(isFinished: false)));
            var error = await session.RunAsync(cell.Code, $"{notebook.Name}, cell [{number}]", outputs);
            outputs.End();
            if (error is not null && !cell.Tags.Contains("raises-exception"))
            {
                failure = new CellFailure(notebook.Name, number, error.Line, $"{error.Kind}: {error.Message}");
                break;
            }

            report(new(Progress(isFinished: true)));
        }

        outputs.Flush();
        report(new(Progress(isFinished: failure is null), IsEnd: true, failure));
        return failure;

        CellProgress Progress(bool isFinished) => new(notebook.Name, number, cells.Count, isFinished, HostProcess.PeakOf(Process.GetCurrentProcess()));
    }
}
