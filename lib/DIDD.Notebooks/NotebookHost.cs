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

    private readonly HostRequest _request;
    private readonly NotebookDocument _notebook;
    private readonly NotebookOutputs _outputs;
    private readonly StreamWriter _messages;

    private NotebookHost(HostRequest request, StreamWriter messages)
    {
        _request = request;
        _messages = messages;
        _notebook = NotebookDocument.Parse(File.ReadAllText(request.Copy), request.Name);
        _outputs = new NotebookOutputs(_notebook, request.Copy);
    }

    /// <summary>Executes the notebook that a <see cref="HostRequest"/> in JSON names.</summary>
    /// <param name="requestJson">The request.</param>
    /// <returns>The exit code: 0 unless a cell failed.</returns>
    public static async Task<int> RunAsync(string requestJson)
    {
        var _request = JsonSerializer.Deserialize<HostRequest>(requestJson)!;
        // Left to the end of the process: closing it would read as the runner's end.
        var pipe = new NamedPipeClientStream(".", _request.Pipe, PipeDirection.InOut, PipeOptions.Asynchronous);
        await pipe.ConnectAsync();
        _ = EndWithRunnerAsync(pipe);
        // The terminal sends Ctrl-C to this process too; the runner decides.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        Directory.SetCurrentDirectory(_request.Folder);
        var _messages = new StreamWriter(pipe) { AutoFlush = true };
        var failure = await new NotebookHost(_request, _messages).ExecuteAsync();
        return failure is null ? 0 : 1;
    }

    private async Task<CellFailure?> ExecuteAsync()
    {
        using var session = new Session(_request.Folder);
        // Not in the first cell's time.
        await session.StartAsync();
        using var saving = new Timer(_ => _outputs.Save(), null, SaveInterval, SaveInterval);
        CellFailure? failure = null;
        var number = 0;
        foreach (var cell in _notebook.CodeCells)
        {
            number++;
            _outputs.Begin(cell, number);
            _outputs.Save();
            Report(HostEvent.CellStarted, number, null, session);
            var error = await session.RunAsync(cell.Source, $"{_notebook.Name}, cell [{number}]", _outputs);
            _outputs.End();
            _outputs.Save();
            if (error is not null && !cell.Tags.Contains("raises-exception"))
            {
                failure = new CellFailure(_notebook.Name, number, error.Line, $"{error.Kind}: {error.Message}");
                break;
            }

            Report(HostEvent.CellFinished, number, null, session);
        }

        _outputs.Save();
        Report(HostEvent.Ended, number, failure, session);
        return failure;
    }

    private void Report(HostEvent happened, int cell, CellFailure? failure, Session session)
    {
        using var process = Process.GetCurrentProcess();
        _messages.WriteLine(JsonSerializer.Serialize(new HostMessage(happened, cell, PeakMemory.Of(process), failure, session.ReferencedFolders)));
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
