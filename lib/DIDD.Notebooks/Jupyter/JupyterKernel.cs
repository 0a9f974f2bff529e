using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using DiagnosticSeverity = Microsoft.CodeAnalysis.DiagnosticSeverity;

namespace DIDD.Notebooks.Jupyter;

/// <summary>
/// A notebook session as a Jupyter kernel. Requests on the shell channel are answered one after another; the control channel is served
/// at any moment, so that a running cell can be interrupted.
/// </summary>
internal sealed class JupyterKernel : IDisposable
{
    private readonly KernelSockets _sockets;
    private readonly KernelOutputs _outputs;
    private readonly Session _session;
    private readonly Channel<Message> _requests = Channel.CreateUnbounded<Message>();
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private int _executions;
    private List<Message> _waitingAtError = [];

    private JupyterKernel(ConnectionFile connection)
    {
        _sockets = new KernelSockets(connection, Receive);
        _outputs = new KernelOutputs(_sockets.Publish);
        _session = new Session(Directory.GetCurrentDirectory());
    }

    /// <summary>Serves the clients of a connection file until one of them shuts the kernel down.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="KernelException">The kernel cannot start.</exception>
    public static int Run(string connectionFile)
    {
        ParentProcess.EndWithIt();
        using var kernel = new JupyterKernel(ConnectionFile.Load(connectionFile));
        // Clients that have no control channel interrupt with a signal.
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            kernel.Interrupt();
        });
        kernel.Status("starting", null);
        // While the client connects.
        _ = Task.Run(kernel._session.StartAsync);
        _ = Task.Run(kernel.AnswerRequestsAsync);
        kernel._sockets.Run();
        return 0;
    }

    public void Dispose()
    {
        _session.Dispose();
        _sockets.Dispose();
    }

    private void Receive(Message request)
    {
        if (request.IsControl)
            _ = AnswerAsync(request);
        else
            _requests.Writer.TryWrite(request);
    }

    private async Task AnswerRequestsAsync()
    {
        await foreach (var request in _requests.Reader.ReadAllAsync())
        {
            await AnswerAsync(request);
            var waiting = _waitingAtError;
            _waitingAtError = [];
            foreach (var later in waiting)
                await AnswerAsync(later, isAborted: later.Type == "execute_request");
        }
    }

    private List<Message> TakeWaiting()
    {
        List<Message> waiting = [];
        while (_requests.Reader.TryRead(out var request))
            waiting.Add(request);
        return waiting;
    }

    private async Task AnswerAsync(Message request, bool isAborted = false)
    {
        Status("busy", request);
        try
        {
            var reply = isAborted ? new JsonObject { ["status"] = "aborted", ["execution_count"] = _executions } : await ContentOfReplyAsync(request);
            if (reply is not null)
                _sockets.Reply(request, reply);
        }
        // Whatever a client sends, and whatever breaks on it, the next request is answered.
        catch (Exception e)
        {
            if (request.Type.EndsWith("_request", StringComparison.Ordinal))
                _sockets.Reply(request, new JsonObject { ["status"] = "error", ["ename"] = e.GetType().Name, ["evalue"] = e.Message, ["traceback"] = new JsonArray() });
        }

        Status("idle", request);
        if (request.Type == "shutdown_request")
            _sockets.Stop();
    }

    /// <returns>Null where no reply is due.</returns>
    private async Task<JsonObject?> ContentOfReplyAsync(Message request)
    {
        switch (request.Type)
        {
            case "execute_request" when !request.IsControl:
                return await ExecuteAsync(request);
            case "complete_request" when !request.IsControl:
                return await CompleteAsync(request);
            case "inspect_request" when !request.IsControl:
                return await InspectAsync(request);
            case "is_complete_request":
                return IsComplete(request.Text("code"));
            case "history_request":
                // Clients remember what they sent; what earlier ones sent is not kept.
                return new JsonObject { ["status"] = "ok", ["history"] = new JsonArray() };
            case "kernel_info_request":
                return KernelInfo();
            case "comm_info_request":
                return new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() };
            case "interrupt_request":
                Interrupt();
                return new JsonObject { ["status"] = "ok" };
            case "shutdown_request":
                return new JsonObject { ["status"] = "ok", ["restart"] = request.Flag("restart", whereAbsent: false) };
            case "comm_open":
                // No widget lives here, and the protocol wants that said.
                _sockets.Publish("comm_close", request.Header, new JsonObject { ["comm_id"] = request.Text("comm_id"), ["data"] = new JsonObject() });
                return null;
            default:
                return null;
        }
    }

    private async Task<JsonObject> ExecuteAsync(Message request)
    {
        var code = request.Text("code");
        var isSilent = request.Flag("silent", whereAbsent: false);
        var isStored = request.Flag("store_history", whereAbsent: true) && !isSilent;
        if (isStored)
            _executions++;
        if (!isSilent)
            _sockets.Publish("execute_input", request.Header, new JsonObject { ["code"] = code, ["execution_count"] = _executions });
        _outputs.Begin(request, _executions, isSilent);

        var error = await RunAsync(code);
        _outputs.Flush();
        // What clients sent to be executed after a cell that failed, is not; what they send once they know of it, is.
        if (error is not null && request.Flag("stop_on_error", whereAbsent: true))
            _waitingAtError = TakeWaiting();
        var reply = error is null ? new JsonObject { ["payload"] = new JsonArray(), ["user_expressions"] = Unsupported(request.Content["user_expressions"]) } : error.ToJson();
        reply["status"] = error is null ? "ok" : "error";
        reply["execution_count"] = _executions;
        return reply;
    }

    private async Task<CellError?> RunAsync(string code)
    {
        using var running = new CancellationTokenSource();
        lock (_gate)
            _running = running;
        try
        {
            return await _session.RunAsync(code, $"cell [{_executions}]", _outputs, running.Token);
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    private void Interrupt()
    {
        lock (_gate)
            _running?.Cancel();
    }

    private async Task<JsonObject> CompleteAsync(Message request)
    {
        var code = request.Text("code");
        var cursor = CodePoints.ToIndex(code, request.Number("cursor_pos"));
        var produced = await _session.AskAsync<CompletionsProduced>(new RequestCompletions(code, CodePoints.ToLine(code, cursor)));
        var start = cursor;
        while (start > 0 && SyntaxFacts.IsIdentifierPartCharacter(code[start - 1]))
            start--;
        var found = (produced?.Completions ?? []).Where(item => item.DisplayText.StartsWith(code[start..cursor], StringComparison.OrdinalIgnoreCase)).DistinctBy(item => item.DisplayText).ToArray();
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Select(item => JsonValue.Create(item.DisplayText))]),
            ["cursor_start"] = CodePoints.Count(code, start),
            ["cursor_end"] = CodePoints.Count(code, cursor),
            ["metadata"] = new JsonObject
            {
                ["_jupyter_types_experimental"] = new JsonArray([.. found.Select(item => new JsonObject { ["text"] = item.DisplayText, ["type"] = item.Kind.ToLowerInvariant() })]),
            },
        };
    }

    private async Task<JsonObject> InspectAsync(Message request)
    {
        var code = request.Text("code");
        var cursor = CodePoints.ToIndex(code, request.Number("cursor_pos"));
        // A cursor behind a name means that name.
        var produced = await AtAsync(cursor) ?? await AtAsync(Math.Max(0, cursor - 1));
        return new JsonObject
        {
            ["status"] = "ok",
            ["found"] = produced is not null,
            ["data"] = new JsonObject((produced?.Content ?? []).Select(value => KeyValuePair.Create<string, JsonNode?>("text/plain", value.Value.Replace("\r\n> ", "\n\n", StringComparison.Ordinal)))),
            ["metadata"] = new JsonObject(),
        };

        Task<HoverTextProduced?> AtAsync(int index) => _session.AskAsync<HoverTextProduced>(new RequestHoverText(code, CodePoints.ToLine(code, index)));
    }

    private static JsonObject IsComplete(string code)
    {
        string text;
        try
        {
            text = CellDirectives.Parse(code).LastOrDefault(part => part.Kind == PartKind.Code)?.Text ?? "";
        }
        catch (DirectiveException)
        {
            return new JsonObject { ["status"] = "invalid" };
        }

        var tree = CSharpSyntaxTree.ParseText(text, CellDirectives.Script);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return new JsonObject { ["status"] = "incomplete", ["indent"] = "    " };
        return new JsonObject { ["status"] = tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? "invalid" : "complete" };
    }

    private static JsonObject KernelInfo()
    {
        var version = typeof(JupyterKernel).Assembly.GetName().Version!.ToString(3);
        return new JsonObject
        {
            ["status"] = "ok",
            ["protocol_version"] = MessageCodec.ProtocolVersion,
            ["implementation"] = "didd-csharp",
            ["implementation_version"] = version,
            ["banner"] = $"C# on {RuntimeInformation.FrameworkDescription}, DIDD.Notebooks {version}",
            ["help_links"] = new JsonArray(),
            ["language_info"] = new JsonObject
            {
                ["name"] = "C#",
                ["version"] = "14.0",
                ["mimetype"] = "text/x-csharp",
                ["file_extension"] = ".cs",
                ["pygments_lexer"] = "csharp",
                ["codemirror_mode"] = "text/x-csharp",
            },
        };
    }

    private static JsonObject Unsupported(JsonNode? expressions) => new((expressions as JsonObject ?? []).Select(each => KeyValuePair.Create<string, JsonNode?>(
        each.Key,
        new JsonObject { ["status"] = "error", ["ename"] = "NotSupported", ["evalue"] = "user_expressions are not evaluated; execute them as a cell", ["traceback"] = new JsonArray() })));

    private void Status(string state, Message? request) => _sockets.Publish("status", request?.Header, new JsonObject { ["execution_state"] = state });
}
