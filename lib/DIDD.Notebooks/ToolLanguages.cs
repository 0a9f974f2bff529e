using Microsoft.DotNet.Interactive.Connection;

namespace DIDD.Notebooks;

/// <summary>
/// The languages of .NET Interactive's own tool, where it is installed: one process for all, which the first cell in one of them starts, and which ends with
/// this one. An interrupt ends it too, since what runs there cannot be stopped otherwise.
/// </summary>
/// <param name="kernel">Gets a kernel for each language that cells use.</param>
/// <param name="folder">Folder of the notebook.</param>
/// <param name="show">Gets the outputs.</param>
internal sealed class ToolLanguages(CompositeKernel kernel, string folder, Action<KernelEvent> show) : IDisposable
{
    private const string Package = "microsoft.dotnet-interactive", Program = "Microsoft.DotNet.Interactive.App.dll";

    private readonly List<ProxyKernel> _remotes = [];
    private StdIoKernelConnector? _tool;
    private Task _ended = Task.CompletedTask;

    /// <summary>The languages, as magic commands name them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["fsharp", "pwsh", "mermaid"];

    /// <summary>Makes the languages usable that a text switches to.</summary>
    /// <param name="text">Magic commands with what follows them.</param>
    /// <param name="interrupt">Gives the token that ends the cell that runs.</param>
    /// <exception cref="CommandException">The tool is not installed.</exception>
    public async Task ConnectAsync(string text, Func<CancellationToken> interrupt)
    {
        foreach (var name in Names.Where(name => text.Split('\n').Any(line => line.StartsWith($"#!{name}", StringComparison.Ordinal)) && kernel.FindKernelByName(name) is null))
        {
            if (_tool is null)
                await StartAsync($"#!{name}", interrupt());
            var remote = await _tool!.CreateProxyKernelAsync(name);
            _remotes.Add(remote);
            remote.KernelEvents.Subscribe(show);
            kernel.Add(new Language(remote, command => SendAsync(remote, command, interrupt())).UseValueSharing());
        }
    }

    public void Dispose()
    {
        _ended = Task.CompletedTask;
        _remotes.ForEach(remote => remote.Dispose());
    }

    private async Task StartAsync(string magic, CancellationToken interrupt)
    {
        var program = Find() ?? throw new CommandException(
            $"{magic} needs .NET Interactive's tool, which is not installed: dotnet tool install --global Microsoft.dotnet-interactive --version 1.0.712001");
        string[] command = [DotnetHost.Executable, "exec", Quoted(typeof(Relay).Assembly.Location), "relay", Quoted(DotnetHost.Executable), "exec", Quoted(program), "stdio", "--default-kernel", "fsharp"];
        var tool = new StdIoKernelConnector(command, "tool", new Uri("kernel://dotnet-interactive"), new DirectoryInfo(folder));
        _remotes.Add(await tool.CreateRootProxyKernelAsync().WaitAsync(interrupt));
        using var process = Process.GetProcessById(tool.ProcessId!.Value);
        _ended = process.WaitForExitAsync(CancellationToken.None);
        _tool = tool;
    }

    private async Task<KernelCommandResult> SendAsync(ProxyKernel remote, KernelCommand command, CancellationToken interrupt)
    {
        try
        {
            var answer = _ended.IsCompleted ? null : remote.SendAsync(command, CancellationToken.None);
            if (answer is not null && await Task.WhenAny(answer, _ended).WaitAsync(interrupt) == answer)
                return await answer;
        }
        catch (OperationCanceledException)
        {
            Dispose();
            throw;
        }

        throw new CommandException($"the process of .NET Interactive's tool has ended, and #!{remote.Name} with it; start the notebook again");
    }

    /// <summary>Where the tool is, of this user or as a project's own.</summary>
    private static string? Find()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] folders = [Path.Combine(Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(home, ".nuget", "packages"), Package), Path.Combine(home, ".dotnet", "tools", ".store", Package)];
        return folders.Where(Directory.Exists).SelectMany(each => Directory.EnumerateFiles(each, Program, SearchOption.AllDirectories)).LastOrDefault();
    }

    private static string Quoted(string path) => $"\"{path}\"";

    /// <summary>A language of the tool among the kernels here. The proxy itself would hold all others up while it waits for a process that is gone.</summary>
    private sealed class Language(ProxyKernel remote, Func<KernelCommand, Task<KernelCommandResult>> send)
        : Kernel(remote.Name), IKernelCommandHandler<SubmitCode>, IKernelCommandHandler<RequestValue>, IKernelCommandHandler<SendValue>
    {
        public Task HandleAsync(SubmitCode command, KernelInvocationContext context) => ForwardAsync(new SubmitCode(command.Code), command, context);

        public Task HandleAsync(SendValue command, KernelInvocationContext context) => ForwardAsync(new SendValue(command.Name, null, command.FormattedValue), command, context);

        public async Task HandleAsync(RequestValue command, KernelInvocationContext context)
        {
            if (await ForwardAsync(new RequestValue(command.Name, command.MimeType), command, context) is { } produced)
                context.Publish(new ValueProduced(produced.Value, command.Name, produced.FormattedValue, command));
        }

        private async Task<ValueProduced?> ForwardAsync(KernelCommand forwarded, KernelCommand command, KernelInvocationContext context)
        {
            var events = (await send(forwarded)).Events;
            if (events.OfType<CommandFailed>().FirstOrDefault() is { } failed)
                context.Fail(command, new CommandException(failed.Message));
            return events.OfType<ValueProduced>().FirstOrDefault();
        }
    }
}

/// <summary>A kernel cannot do what a cell asks.</summary>
internal sealed class CommandException(string message) : Exception(message);
