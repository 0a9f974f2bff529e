using System.Runtime.ExceptionServices;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.CSharp;
using Plotly.NET.Interactive;

namespace DIDD.Notebooks;

/// <summary>
/// Executes cells on .NET Interactive's kernels, one after another, each seeing what the earlier ones left. A process has one session at a time: it captures
/// the console and answers <c>display</c> from any thread for the cell that runs. An interrupted cell leaves the session as it was before it,
/// except for what its code had done by then.
/// </summary>
public sealed class Session : IDisposable
{
    /// <summary>
    /// Where this process keeps the token of the running cell, as data of the application domain: libraries that cells call can watch it without
    /// a reference to this one.
    /// </summary>
    public const string InterruptKey = "DIDD.Interrupt";

    private static Session? _current;

    private readonly string _folder;
    private readonly PackageResolver _packageResolver;
    private readonly AssemblyReferences _references = new();
    private readonly ConsoleCapture _console;
    private readonly CSharpKernel _csharp;
    private readonly LanguageServices _services;
    private readonly CompositeKernel _kernel;
    private readonly ToolLanguages _tool;
    private readonly List<string> _packageSources = [];
    private readonly Stack<string> _imports = [];
    private IReadOnlyList<PackageReference> _packages = [];
    private readonly Lazy<Task> _start;
    private ScriptState? _state;
    private CellOutputs? _outputs;
    private CancellationToken _interrupt;
    private bool _hasCharts;

    /// <summary>Starts a session.</summary>
    /// <param name="folder">Folder of the notebook: relative paths in directives start there.</param>
    /// <param name="packageCache">Folder that remembers resolved NuGet packages; null for one in the user's cache folder.</param>
    /// <exception cref="InvalidOperationException">The process has a session already.</exception>
    public Session(string folder, string? packageCache = null)
    {
        _folder = Path.GetFullPath(folder);
        if (Interlocked.CompareExchange(ref _current, this, null) is not null)
            throw new InvalidOperationException("This process already runs a session; dispose it first.");
        _packageResolver = new PackageResolver(packageCache ?? PackageResolver.UserCache);
        _console = new ConsoleCapture((name, text) => _outputs?.WriteStream(name, text));
        _csharp = LanguageServices.KernelWithoutThem();
        _services = new LanguageServices(_csharp);
        _kernel = new CompositeKernel { _csharp.UseValueSharing().UseWho(), new HtmlKernel(), new MarkdownKernel(), new KeyValueStoreKernel() };
        _kernel.Add(new JavaScriptKernel().UseValueSharing(), ["js"]);
        _kernel.DefaultKernelName = _csharp.Name;
        _csharp.RegisterCommandHandler<RunCSharp>(RunCSharpAsync);
        _csharp.AddAssemblyReferences(new[] { typeof(Session), typeof(Microsoft.AspNetCore.Html.IHtmlContent) }.Select(type => type.Assembly.Location));
        _kernel.KernelEvents.Subscribe(Show);
        _tool = new ToolLanguages(_kernel, _folder, Show);
        Displays.SendTo(Show);
        _start = new Lazy<Task>(() => SendAsync(new RunCSharp(Displays.Prelude, "display")));
    }

    internal static Session Current => _current ?? throw new InvalidOperationException("display works in a notebook's cell only.");

    /// <summary>Makes the session ready, which the first cell does otherwise.</summary>
    public Task StartAsync() => _start.Value;

    /// <summary>Executes one cell.</summary>
    /// <param name="code">C#, directives such as <c>#r</c>, and other languages below magic commands.</param>
    /// <param name="name">What messages and traces call the cell, such as <c>01-data.ipynb, cell [3]</c>.</param>
    /// <param name="outputs">Gets the cell's outputs, and those of its threads until the next cell begins.</param>
    /// <param name="cancellation">Interrupts the cell: an error like any other, of the kind <c>Interrupted</c>.</param>
    /// <returns>The error that <paramref name="outputs"/> was shown, or null when the cell succeeded.</returns>
    public async Task<CellError?> RunAsync(string code, string name, CellOutputs outputs, CancellationToken cancellation = default)
    {
        _outputs = outputs;
        _interrupt = cancellation;
        AppContext.SetData(InterruptKey, cancellation);
        try
        {
            await StartAsync();
            await RunCellAsync(code, name, _folder);
            return null;
        }
        catch (Exception e)
        {
            var error = cancellation.IsCancellationRequested ? CellError.Interrupted(name) : CellError.Of(e, name);
            outputs.ShowError(error);
            return error;
        }
    }

    /// <summary>Asks the C# kernel about code that goes on from the last cell.</summary>
    /// <returns>Its answer of the given kind; null where it has none.</returns>
    internal async Task<T?> AskAsync<T>(LanguageServiceCommand question)
        where T : KernelEvent
    {
        await StartAsync();
        await _services.LoadAsync();
        return (await _kernel.SendAsync(question)).Events.OfType<T>().FirstOrDefault();
    }

    /// <summary>Gives the console back and forgets the session's assemblies; loaded ones stay in the process.</summary>
    public void Dispose()
    {
        Displays.SendTo(null);
        _kernel.Dispose();
        _tool.Dispose();
        _console.Dispose();
        _references.Dispose();
        Interlocked.CompareExchange(ref _current, null, this);
    }

    internal void Show(DisplayedValue value)
    {
        if (value.IsUpdated)
            _outputs?.Update(value.DisplayId, value.FormattedValues);
        else
            _outputs?.Show(value.DisplayId, value.FormattedValues);
    }

    private void Show(KernelEvent happened)
    {
        switch (happened)
        {
            case DisplayedValueProduced displayed:
                _outputs?.Show(displayed.ValueId ?? Guid.NewGuid().ToString("N"), displayed.FormattedValues);
                break;
            case DisplayedValueUpdated updated:
                _outputs?.Update(updated.ValueId, updated.FormattedValues);
                break;
            case StandardOutputValueProduced or StandardErrorValueProduced:
                _outputs?.WriteStream(happened is StandardErrorValueProduced ? "stderr" : "stdout", string.Concat(((DisplayEvent)happened).FormattedValues.Select(value => value.Value)));
                break;
            case ReturnValueProduced { Value: not DisplayedValue } returned:
                _outputs?.Show(null, returned.FormattedValues);
                break;
        }
    }

    private async Task RunCellAsync(string source, string name, string baseFolder)
    {
        var clock = Stopwatch.StartNew();
        var parts = CellDirectives.Parse(source);
        _packageSources.AddRange(Of(PartKind.PackageSource).Select(part => part.Text).Except(_packageSources));
        await ReferencePackagesAsync([.. Of(PartKind.ReferencePackage)]);
        foreach (var part in Of(PartKind.ReferenceFile))
            ReferenceFile(part, baseFolder);
        foreach (var part in Of(PartKind.Import))
            await ImportAsync(part, baseFolder);
        await ShowChartsAsync();
        foreach (var part in parts.Where(part => part.Kind is PartKind.Code or PartKind.Magic))
        {
            try
            {
                if (part.Kind == PartKind.Magic)
                    await _tool.ConnectAsync(part.Text, () => _interrupt);
                await SendAsync(part.Kind == PartKind.Code ? new RunCSharp(part.Text, name) : new SubmitCode(part.Text));
            }
            catch (CommandException e)
            {
                throw new DirectiveException(part.Line, e.Message, e);
            }
        }

        if (Of(PartKind.Time).Any())
            Displays.ShowAs(string.Create(CultureInfo.InvariantCulture, $"Wall time: {clock.Elapsed.TotalMilliseconds:F1}ms"), "text/plain");

        IEnumerable<CellPart> Of(PartKind kind) => parts.Where(part => part.Kind == kind);
    }

    /// <summary>Has charts of Plotly.NET shown by its extension, once a cell brought them; before, F#'s library would be loaded for nothing.</summary>
    private async Task ShowChartsAsync()
    {
        if (_hasCharts || !AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "Plotly.NET"))
            return;
        _hasCharts = true;
        await ((IKernelExtension)new FormatterKernelExtension()).OnLoadAsync(_csharp);
    }

    /// <exception cref="Exception">What the code threw, or <see cref="CommandException"/> where a kernel refused it.</exception>
    private async Task SendAsync(KernelCommand command)
    {
        // An abandoned cell may have come to its end since.
        SetState(_csharp, _state);
        var result = await _kernel.SendAsync(command, CancellationToken.None);
        _state = _csharp.ScriptState;
        if (result.Events.OfType<CommandFailed>().LastOrDefault() is { } failure)
            ExceptionDispatchInfo.Throw(failure.Exception ?? new CommandException(failure.Message));
    }

    private async Task RunCSharpAsync(RunCSharp command, KernelInvocationContext context)
    {
        _console.Take();
        await using var watching = _interrupt.Register(() => TryCancel(context));
        ref var options = ref Options(_csharp);
        options = options.WithFilePath(command.Name).WithFileEncoding(Encoding.UTF8).WithEmitDebugInformation(true)
            .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(_folder));
        await InterruptibleThread.RunAsync(
            async () =>
            {
                // Without the kernel's handler of submissions, which compiles a second time for diagnostics, and searches strings for magic commands.
                await RunAsync(_csharp, command.Code, context.CancellationToken, _ => true);
                if (_csharp.ScriptState is { Exception: null, ReturnValue: not DisplayedValue and var value } && HasReturnValue(_csharp))
                    _outputs?.Show(null, FormattedValue.CreateManyFromObject(value));
            },
            _interrupt);
        if (_csharp.ScriptState?.Exception is { } thrown)
            ExceptionDispatchInfo.Throw(thrown);
        if (_csharp.ScriptState is { } state)
            _services.Add(state);
    }

    private void ReferenceFile(CellPart part, string baseFolder)
    {
        var path = Path.GetFullPath(part.Text, baseFolder);
        if (!File.Exists(path))
            throw new DirectiveException(part.Line, $"#r \"{part.Text}\": there is no file {path}; build it first (dotnet build), or correct the path, which starts at the notebook's folder");
        try
        {
            _csharp.AddAssemblyReferences(_references.Add(path));
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException)
        {
            throw new DirectiveException(part.Line, $"#r \"{part.Text}\": not an assembly that can be loaded here: {e.Message}", e);
        }
    }

    private async Task ReferencePackagesAsync(IReadOnlyList<CellPart> parts)
    {
        if (parts.Count == 0)
            return;
        try
        {
            List<PackageReference> packages = [.. _packages.UnionBy(parts.Select(Package), package => package.ToString())];
            foreach (var assembly in await _packageResolver.ResolveAsync(packages, _packageSources, _folder, _interrupt))
                _csharp.AddAssemblyReferences(_references.Add(assembly));
            _packages = packages;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            if (e.Message.Contains(PackageResolver.NoSuchSource, StringComparison.Ordinal))
                _packageSources.RemoveAll(source => e.Message.Contains(PackageResolver.FullSource(source, _folder), StringComparison.Ordinal));
            throw new DirectiveException(parts[0].Line, e.Message, e);
        }
    }

    /// <summary>The version must be exact, so that the notebook runs the same tomorrow.</summary>
    private static PackageReference Package(CellPart part) =>
        PackageReference.TryParse($"nuget:{part.Text}", out var package) && System.Text.RegularExpressions.Regex.IsMatch(package.PackageVersion ?? "", @"^\d+(\.\d+){1,3}(-[0-9A-Za-z.-]+)?$")
            ? package
            : throw new DirectiveException(part.Line, $"#r \"nuget: {part.Text}\": name an exact version, as in #r \"nuget: Id, 1.2.3\"");

    /// <summary>Executes a file of C# or the code cells of a notebook, as if they stood here.</summary>
    private async Task ImportAsync(CellPart part, string baseFolder)
    {
        var path = Path.GetFullPath(part.Text, baseFolder);
        var name = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new DirectiveException(part.Line, $"#!import {part.Text}: there is no file {path}");
        if (_imports.Contains(path))
            throw new DirectiveException(part.Line, $"#!import {part.Text}: {name} imports itself");
        _imports.Push(path);
        try
        {
            IEnumerable<(string Code, string Name)> cells = Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".CS" or ".CSX" => [(await File.ReadAllTextAsync(path, _interrupt), name)],
                ".IPYNB" => NotebookDocument.Load(path).CodeCells.Select((cell, index) => (cell.Code, $"{name}, cell [{index + 1}]")),
                _ => throw new DirectiveException(part.Line, $"#!import {part.Text}: only .cs, .csx and .ipynb can be imported"),
            };
            foreach (var cell in cells)
                await RunCellAsync(cell.Code, cell.Name, Path.GetDirectoryName(path)!);
        }
        catch (DirectiveException e) when (!e.Message.StartsWith("#!import", StringComparison.Ordinal))
        {
            throw new DirectiveException(part.Line, $"#!import {part.Text}: {name}, line {e.Line}: {e.Message}", e);
        }
        finally
        {
            _imports.Pop();
        }
    }

    // What the kernel has no public door to. The package is retired, so that these stay.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scriptOptions")]
    private static extern ref ScriptOptions Options(CSharpKernel kernel);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "RunAsync")]
#pragma warning disable CA1068 // The order is the kernel's.
    private static extern Task RunAsync(CSharpKernel kernel, string code, CancellationToken cancellation, Func<Exception, bool> catches);
#pragma warning restore CA1068

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_HasReturnValue")]
    private static extern bool HasReturnValue(CSharpKernel kernel);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ScriptState")]
    private static extern void SetState(CSharpKernel kernel, ScriptState? state);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TryCancel")]
    private static extern void TryCancel(KernelInvocationContext context);

    /// <summary>Runs C# that holds no directives.</summary>
    private sealed class RunCSharp(string code, string name) : KernelCommand
    {
        public string Code => code;

        public string Name => name;
    }

    /// <summary>Shows its cells as Markdown.</summary>
    private sealed class MarkdownKernel() : Kernel("markdown"), IKernelCommandHandler<SubmitCode>
    {
        public Task HandleAsync(SubmitCode command, KernelInvocationContext context)
        {
            context.DisplayAs(command.Code, "text/markdown");
            return Task.CompletedTask;
        }
    }
}
