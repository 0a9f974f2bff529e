using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DIDD.Notebooks;

/// <summary>A notebook's own process: executes its cells, keeps the executed copy up to date and reports to the runner.</summary>
internal sealed class NotebookHost
{
    /// <summary>How often the outputs of a running cell are written, so that little is lost when the process is killed.</summary>
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly HostRequest request;
    private readonly NotebookDocument notebook;
    private readonly NotebookOutputs outputs;
    private readonly StreamWriter messages;

    private NotebookHost(HostRequest request, StreamWriter messages)
    {
        this.request = request;
        this.messages = messages;
        notebook = NotebookDocument.Parse(File.ReadAllText(request.Copy), request.Name);
        outputs = new NotebookOutputs(notebook, request.Copy);
    }

    /// <summary>Executes the notebook that a <see cref="HostRequest"/> in JSON names.</summary>
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
        var messages = new StreamWriter(pipe) { AutoFlush = true };
        var failure = await new NotebookHost(request, messages).ExecuteAsync();
        return failure is null ? 0 : 1;
    }

    private async Task<CellFailure?> ExecuteAsync()
    {
        using var session = new Session(request.Folder);
        using var saving = new Timer(_ => outputs.Save(), null, SaveInterval, SaveInterval);
        CellFailure? failure = null;
        var number = 0;
        foreach (var cell in notebook.CodeCells)
        {
            number++;
            outputs.Begin(cell, number);
            outputs.Save();
            Report(HostEvent.CellStarted, number, null, session);
            var error = await session.RunAsync(cell.Source, $"{notebook.Name}, cell [{number}]", outputs);
            outputs.Save();
            if (error is not null && !cell.Tags.Contains("raises-exception"))
            {
                failure = new CellFailure(notebook.Name, number, error.Line, $"{error.Kind}: {error.Message}");
                break;
            }

            Report(HostEvent.CellFinished, number, null, session);
        }

        outputs.Save();
        Report(HostEvent.Ended, number, failure, session);
        return failure;
    }

    private void Report(HostEvent happened, int cell, CellFailure? failure, Session session)
    {
        using var process = Process.GetCurrentProcess();
        messages.WriteLine(JsonSerializer.Serialize(new HostMessage(happened, cell, PeakMemory.Of(process), failure, session.ReferencedFolders)));
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
