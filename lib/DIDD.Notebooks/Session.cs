using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive;

namespace DIDD.Notebooks;

/// <summary>
/// Executes C# cells one after another, each seeing what the earlier ones left. A process has one session at a time: it captures
/// the console and answers <c>display</c> from any thread for the cell that runs. An interrupted cell leaves the session as it was before it,
/// except for what its code had done by then.
/// </summary>
public sealed class Session : ICellEngine
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
    private readonly ScriptOptions _options;
    private readonly List<string> _packageSources = [];
    private readonly Stack<string> _imports = [];
    private readonly List<string> _cells = [];
    private IReadOnlyList<PackageReference> _packages = [];
    private ScriptState<object>? _state;
    private IOutputSink? _sink;
    private int _displays;

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
        _console = new ConsoleCapture((name, text) => _sink?.WriteStream(name, text));
        _options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithEmitDebugInformation(true)
            .WithFileEncoding(Encoding.UTF8)
            .WithMetadataResolver(_references)
            .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(_folder))
            .WithImports(Imports);
    }

    /// <summary>Folders whose assemblies the cells referenced so far, in order.</summary>
    public IReadOnlyList<string> ReferencedFolders => _references.Folders;

    /// <summary>Namespaces and types whose members cells name without a prefix.</summary>
    internal static string[] Imports { get; } =
    [
        "System",
        "System.Text",
        "System.Collections",
        "System.Collections.Generic",
        "System.Threading.Tasks",
        "System.Linq",
        "Microsoft.DotNet.Interactive",
        "Microsoft.DotNet.Interactive.Kernel",
    ];

    /// <summary>The code that ran so far and that the next cell goes on from, without directives.</summary>
    internal IReadOnlyList<string> Cells => _cells;

    /// <summary>What the next cell is compiled against.</summary>
    internal ImmutableArray<MetadataReference> References => _references.Current;

    /// <summary>Tells the running cell that it was interrupted.</summary>
    internal CancellationToken Interrupt { get; private set; }

    internal static Session Current => _current ?? throw new InvalidOperationException("display works in a notebook's cell only.");

    /// <summary>Executes one cell.</summary>
    /// <param name="code">C#, and directives such as <c>#r</c>.</param>
    /// <param name="name">What messages and traces call the cell, such as <c>01-data.ipynb, cell [3]</c>.</param>
    /// <param name="outputs">Gets the cell's outputs, and those of its threads until the next cell begins.</param>
    /// <param name="cancellation">Interrupts the cell: an error like any other, of the kind <c>Interrupted</c>.</param>
    /// <returns>The error that <paramref name="outputs"/> was shown, or null when the cell succeeded.</returns>
    public async Task<CellError?> RunAsync(string code, string name, IOutputSink outputs, CancellationToken cancellation = default)
    {
        _sink = outputs;
        Interrupt = cancellation;
        AppContext.SetData(InterruptKey, cancellation);
        try
        {
            await RunCellAsync(code, name, _folder, cancellation);
            return null;
        }
        catch (Exception e)
        {
            var error = cancellation.IsCancellationRequested ? CellError.Interrupted(name) : CellError.Of(e, name);
            outputs.ShowError(error);
            return error;
        }
    }

    /// <summary>Gives the console back and forgets the session's assemblies; loaded ones stay in the process.</summary>
    public void Dispose()
    {
        _console.Dispose();
        _references.Dispose();
        Interlocked.CompareExchange(ref _current, null, this);
    }

    internal DisplayedValue Show(IReadOnlyDictionary<string, string> bundle)
    {
        var displayId = Interlocked.Increment(ref _displays).ToString(CultureInfo.InvariantCulture);
        _sink?.ShowDisplay(displayId, bundle);
        return new DisplayedValue(this, displayId, [.. bundle.Keys]);
    }

    internal void Update(string displayId, IReadOnlyDictionary<string, string> bundle) => _sink?.UpdateDisplay(displayId, bundle);

    private async Task RunCellAsync(string source, string name, string baseFolder, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var cell = CellDirectives.Parse(source);
        _packageSources.AddRange(Of(DirectiveKind.PackageSource).Select(directive => directive.Argument).Except(_packageSources));
        await ReferencePackagesAsync([.. Of(DirectiveKind.ReferencePackage)], cancellation);
        foreach (var directive in Of(DirectiveKind.ReferenceFile))
            ReferenceFile(directive, baseFolder);
        foreach (var directive in Of(DirectiveKind.Import))
            await ImportAsync(directive, baseFolder, cancellation);
        if (!string.IsNullOrWhiteSpace(cell.Code))
            await RunCodeAsync(cell.Code, name, cancellation);
        if (Of(DirectiveKind.Time).Any())
            string.Create(CultureInfo.InvariantCulture, $"Wall time: {clock.Elapsed.TotalMilliseconds:F1}ms").DisplayAs("text/plain");

        IEnumerable<Directive> Of(DirectiveKind kind) => cell.Directives.Where(directive => directive.Kind == kind);
    }

    private async Task RunCodeAsync(string code, string name, CancellationToken cancellation)
    {
        var cellOptions = _options.WithReferences(_references.Current).WithFilePath(name);
        var script = _state is null
            ? CSharpScript.Create<object>(code, cellOptions, assemblyLoader: _references.Loader)
            : _state.Script.ContinueWith<object>(code, cellOptions);
        var compilation = script.GetCompilation();
        if (compilation.GetDiagnostics(cancellation).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToArray() is { Length: > 0 } errors)
            throw new CompilationErrorException(errors[0].GetMessage(CultureInfo.InvariantCulture), [.. errors]);

        // What an abort may hit is the cell's code, not the compiler.
        script.Compile(cancellation);
        var previous = _state;
        _state = await InterruptibleThread.RunAsync(
            () => previous is null
                ? script.RunAsync(globals: null, catchException: _ => true, cancellation)
                : script.RunFromAsync(previous, catchException: _ => true, cancellation),
            cancellation);
        _cells.Add(code);
        if (_state.Exception is { } exception)
            ExceptionDispatchInfo.Throw(exception);
        // A value may compute while it is formatted, as a lazy sequence does.
        if (EndsInValue(compilation) && _state.ReturnValue is var value and not DisplayedValue)
            _sink?.ShowResult(await InterruptibleThread.RunAsync(() => Task.FromResult(MimeBundle.Of(value)), cancellation));
    }

    /// <summary>Whether the code ends in an expression without a semicolon that has a value.</summary>
    private static bool EndsInValue(Compilation compilation)
    {
        var tree = compilation.SyntaxTrees.Last();
        return tree.GetRoot() is CompilationUnitSyntax { Members: [.., GlobalStatementSyntax { Statement: ExpressionStatementSyntax last }] }
            && last.SemicolonToken.IsMissing
            && compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression).Type is not { SpecialType: SpecialType.System_Void };
    }

    private void ReferenceFile(Directive directive, string baseFolder)
    {
        try
        {
            _references.AddFile(Path.GetFullPath(directive.Argument, baseFolder));
        }
        catch (FileNotFoundException e) when (e.FileName == Path.GetFullPath(directive.Argument, baseFolder))
        {
            var advice = "build it first (dotnet build), or correct the path, which starts at the notebook's folder";
            throw new DirectiveException(directive.Line, $"#r \"{directive.Argument}\": {e.Message}; {advice}", e);
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException)
        {
            throw new DirectiveException(directive.Line, $"#r \"{directive.Argument}\": not an assembly that can be loaded here: {e.Message}", e);
        }
    }

    private async Task ReferencePackagesAsync(IReadOnlyList<Directive> directives, CancellationToken cancellation)
    {
        if (directives.Count == 0)
            return;
        try
        {
            List<PackageReference> packages = [.. _packages.Union(directives.Select(directive => PackageReference.Parse(directive.Argument, directive.Line)))];
            _references.AddPackages(await _packageResolver.ResolveAsync(packages, _packageSources, _folder, cancellation));
            _packages = packages;
        }
        catch (Exception e) when (e is PackageException or BadImageFormatException or FileLoadException)
        {
            if (e.Message.Contains(PackageResolver.NoSuchSource, StringComparison.Ordinal))
                _packageSources.RemoveAll(source => e.Message.Contains(PackageResolver.FullSource(source, _folder), StringComparison.Ordinal));
            throw new DirectiveException(directives[0].Line, e.Message, e);
        }
    }

    /// <summary>Executes a file of C# or the code cells of a notebook, as if they stood here.</summary>
    private async Task ImportAsync(Directive directive, string baseFolder, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(directive.Argument, baseFolder);
        var name = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new DirectiveException(directive.Line, $"#!import {directive.Argument}: there is no file {path}");
        if (_imports.Contains(path))
            throw new DirectiveException(directive.Line, $"#!import {directive.Argument}: {name} imports itself");
        _imports.Push(path);
        try
        {
            switch (Path.GetExtension(path).ToUpperInvariant())
            {
                case ".CS" or ".CSX":
                    await RunCellAsync(await File.ReadAllTextAsync(path, cancellation), name, Path.GetDirectoryName(path)!, cancellation);
                    break;
                case ".IPYNB":
                    foreach (var (index, cell) in NotebookDocument.Load(path).CodeCells.Index())
                        await RunCellAsync(cell.Source, $"{name}, cell [{index + 1}]", Path.GetDirectoryName(path)!, cancellation);
                    break;
                default:
                    throw new DirectiveException(directive.Line, $"#!import {directive.Argument}: only .cs, .csx and .ipynb can be imported");
            }
        }
        catch (DirectiveException e) when (!e.Message.StartsWith("#!import", StringComparison.Ordinal))
        {
            throw new DirectiveException(directive.Line, $"#!import {directive.Argument}: {name}, line {e.Line}: {e.Message}", e);
        }
        finally
        {
            _imports.Pop();
        }
    }
}
