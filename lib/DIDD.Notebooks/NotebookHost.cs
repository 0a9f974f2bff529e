using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DIDD.Notebooks;

/// <summary>A notebook's own process: executes its cells, keeps the executed copy up to date and reports to the runner.</summary>
internal sealed class NotebookHost(HostRequest request, StreamWriter messages)
{
    /// <summary>Executes the notebook that a <see cref="HostRequest"/> in JSON names.</summary>
    /// <param name="requestJson">The request.</param>
    /// <returns>The exit code: 0 unless a cell failed.</returns>
    public static async Task<int> RunAsync(string requestJson)
    {
        var request = JsonSerializer.Deserialize<HostRequest>(requestJson)!;
        // Left to the end of the process: closing it would read as the runner's end.
        var pipe = new NamedPipeClientStream(".", request.Pipe, PipeDirection.InOut, PipeOptions.Asynchronous);
        await pipe.ConnectAsync();
        _ = EndWithRunnerAsync(pipe);
        // The terminal sends Ctrl-C to this process too; the runner decides.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        Directory.SetCurrentDirectory(request.Folder);
        var failure = await new NotebookHost(request, new StreamWriter(pipe) { AutoFlush = true }).ExecuteAsync();
        return failure is null ? 0 : 1;
    }

    private async Task<CellFailure?> ExecuteAsync()
    {
        var notebook = NotebookDocument.Parse(await File.ReadAllTextAsync(request.Copy), request.Name);
        var outputs = new NotebookOutputs(notebook, request.Copy);
        using var session = new Session(request.Folder);
        // Not in the first cell's time.
        await session.StartAsync();
        CellFailure? failure = null;
        var number = 0;
        foreach (var cell in notebook.CodeCells)
        {
            number++;
            outputs.Begin(cell, number);
            Report(HostEvent.CellStarted, number, null);
            var error = await session.RunAsync(cell.Code, $"{notebook.Name}, cell [{number}]", outputs);
            outputs.End();
            if (error is not null && !cell.Tags.Contains("raises-exception"))
            {
                failure = new CellFailure(notebook.Name, number, error.Line, $"{error.Kind}: {error.Message}");
                break;
            }

            Report(HostEvent.CellFinished, number, null);
        }

        outputs.Flush();
        Report(HostEvent.Ended, number, failure);
        return failure;
    }

    private void Report(HostEvent happened, int cell, CellFailure? failure)
    {
        using var process = Process.GetCurrentProcess();
        messages.WriteLine(JsonSerializer.Serialize(new HostMessage(happened, cell, PeakMemory.Of(process), failure)));
    }

    /// <summary>Ends this process when the runner is gone, which shows as the end of the pipe.</summary>
    private static async Task EndWithRunnerAsync(NamedPipeClientStream pipe)
    {
        try
        {
            _ = await pipe.ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
        }

        Process.GetCurrentProcess().Kill();
    }
}
