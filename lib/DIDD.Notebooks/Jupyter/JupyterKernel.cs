using System.Threading.Channels;
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
    private CancellationTokenSource _running = new();
    private int _executions;
    private int _toAbort;

    private JupyterKernel(ConnectionFile connection)
    {
        _sockets = new KernelSockets(connection, Receive);
        _outputs = new KernelOutputs(_sockets.Publish);
        _session = new Session(Directory.GetCurrentDirectory());
    }

    /// <summary>Serves the clients of a connection file until one of them shuts the kernel down.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="IOException">The kernel cannot start.</exception>
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
            var isAborted = _toAbort > 0 && request.Type == "execute_request";
            _toAbort--;
            await AnswerAsync(request, isAborted);
        }
    }

    private async Task AnswerAsync(Message request, bool isAborted = false)
    {
        Status("busy", request);
        try
        {
            if ((isAborted ? new { status = "aborted", execution_count = _executions } : await ContentOfReplyAsync(request)) is { } reply)
                _sockets.Reply(request, reply);
        }
        // Whatever a client sends, and whatever breaks on it, the next request is answered.
        catch (Exception e)
        {
            if (request.Type.EndsWith("_request", StringComparison.Ordinal))
                _sockets.Reply(request, Error(e.GetType().Name, e.Message));
        }

        Status("idle", request);
        if (request.Type == "shutdown_request")
            _sockets.Stop();
    }

    /// <returns>Null where no reply is due.</returns>
    private async Task<object?> ContentOfReplyAsync(Message request) => request.Type switch
    {
        "execute_request" when !request.IsControl => await ExecuteAsync(request),
        "complete_request" when !request.IsControl => await CompleteAsync(request.Read<CodeQuestion>()),
        "inspect_request" when !request.IsControl => await InspectAsync(request.Read<CodeQuestion>()),
        "is_complete_request" => IsComplete(request.Read<CodeQuestion>().Code),
        // Clients remember what they sent; what earlier ones sent is not kept.
        "history_request" => new { status = "ok", history = Array.Empty<string>() },
        "kernel_info_request" => KernelInfo(),
        "comm_info_request" => new { status = "ok", comms = new { } },
        "comm_open" => Refuse(request),
        "interrupt_request" => Interrupt(),
        "shutdown_request" => new { status = "ok", restart = request.Content["restart"] ?? false },
        _ => null,
    };

    private object Interrupt()
    {
        _running.Cancel();
        return new { status = "ok" };
    }

    /// <summary>Says that no widget lives here, as the protocol wants it.</summary>
    private object? Refuse(Message opened)
    {
        _sockets.Publish("comm_close", opened.Header, new { comm_id = opened.Content["comm_id"], data = new { } });
        return null;
    }

    private async Task<object> ExecuteAsync(Message request)
    {
        var asked = request.Read<Execution>();
        if (asked.StoreHistory && !asked.Silent)
            _executions++;
        if (!asked.Silent)
            _sockets.Publish("execute_input", request.Header, new { code = asked.Code, execution_count = _executions });
        _outputs.Begin(request, _executions, asked.Silent);
        _running = new CancellationTokenSource();
        var error = await _session.RunAsync(asked.Code, $"cell [{_executions}]", _outputs, _running.Token);
        _outputs.Flush();
        if (error is null)
        {
            var unsupported = (asked.UserExpressions ?? []).ToDictionary(each => each.Key, _ => Error("NotSupported", "user_expressions are not evaluated; execute them as a cell"));
            return new { status = "ok", execution_count = _executions, payload = Array.Empty<string>(), user_expressions = unsupported };
        }

        // What clients sent to be executed after a cell that failed, is not; what they send once they know of it, is.
        if (asked.StopOnError)
            _toAbort = _requests.Reader.Count;
        return new { status = "error", execution_count = _executions, ename = error.Kind, evalue = error.Message, traceback = error.Trace };
    }

    private async Task<object> CompleteAsync(CodeQuestion question)
    {
        var code = question.Code;
        var cursor = CodePoints.ToIndex(code, question.CursorPos);
        var produced = await _session.AskAsync<CompletionsProduced>(new RequestCompletions(code, CodePoints.ToLine(code, cursor)));
        var start = cursor;
        while (start > 0 && SyntaxFacts.IsIdentifierPartCharacter(code[start - 1]))
            start--;
        var found = (produced?.Completions ?? []).Where(item => item.DisplayText.StartsWith(code[start..cursor], StringComparison.OrdinalIgnoreCase)).DistinctBy(item => item.DisplayText).ToArray();
        return new
        {
            status = "ok",
            matches = found.Select(item => item.DisplayText),
            cursor_start = CodePoints.Count(code, start),
            cursor_end = CodePoints.Count(code, cursor),
            metadata = new { _jupyter_types_experimental = found.Select(item => new { text = item.DisplayText, type = item.Kind.ToLowerInvariant() }) },
        };
    }

    private async Task<object> InspectAsync(CodeQuestion question)
    {
        var cursor = CodePoints.ToIndex(question.Code, question.CursorPos);
        // A cursor behind a name means that name.
        var produced = await AtAsync(cursor) ?? await AtAsync(Math.Max(0, cursor - 1));
        var text = produced?.Content.FirstOrDefault()?.Value.Replace("\r\n> ", "\n\n", StringComparison.Ordinal);
        return new
        {
            status = "ok",
            found = text is not null,
            data = text is null ? [] : new Dictionary<string, string> { ["text/plain"] = text },
            metadata = new { },
        };

        Task<HoverTextProduced?> AtAsync(int index) => _session.AskAsync<HoverTextProduced>(new RequestHoverText(question.Code, CodePoints.ToLine(question.Code, index)));
    }

    private static object IsComplete(string code)
    {
        try
        {
            var tree = CSharpSyntaxTree.ParseText(CellDirectives.Parse(code).LastOrDefault(part => part.Kind == PartKind.Code)?.Text ?? "", CellDirectives.Script);
            if (!SyntaxFactory.IsCompleteSubmission(tree))
                return new { status = "incomplete", indent = "    " };
            return new { status = tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? "invalid" : "complete" };
        }
        catch (DirectiveException)
        {
            return new { status = "invalid" };
        }
    }

    private static object KernelInfo()
    {
        var version = typeof(JupyterKernel).Assembly.GetName().Version!.ToString(3);
        return new
        {
            status = "ok",
            protocol_version = MessageCodec.ProtocolVersion,
            implementation = KernelSpec.Name,
            implementation_version = version,
            banner = $"C# on {RuntimeInformation.FrameworkDescription}, DIDD.Notebooks {version}",
            help_links = Array.Empty<string>(),
            language_info = new
            {
                name = "C#",
                version = "14.0",
                mimetype = "text/x-csharp",
                file_extension = ".cs",
                pygments_lexer = "csharp",
                codemirror_mode = "text/x-csharp",
            },
        };
    }

    private static object Error(string name, string message) => new { status = "error", ename = name, evalue = message, traceback = Array.Empty<string>() };

    private void Status(string state, Message? request) => _sockets.Publish("status", request?.Header, new { execution_state = state });
}
