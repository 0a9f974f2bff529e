using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.AspNetCore.Html;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Notebooks;

/// <summary>
/// The assemblies that cells may use: those of the runtime, those that <c>#r</c> named, and what lies in the same folders.
/// All are loaded into the default context, each once, so that a type is the same type for the compiler, the cells and the libraries.
/// What the host itself carries wins over a notebook's copy.
/// </summary>
internal sealed class AssemblyReferences : MetadataReferenceResolver, IDisposable
{
    private static readonly Dictionary<string, string> HostFiles = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .DistinctBy(SimpleName, StringComparer.OrdinalIgnoreCase).ToDictionary(SimpleName, StringComparer.OrdinalIgnoreCase);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _packageFiles = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, PortableExecutableReference> _references = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _folders = [];

    public AssemblyReferences()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location);
        foreach (var file in HostFiles.Values.Where(file => Path.GetDirectoryName(file) == runtime))
            Reference(file);
        foreach (var assembly in new[] { typeof(Session), typeof(Formatter), typeof(IHtmlContent) }.Select(type => type.Assembly))
            Reference(assembly.Location);

        AssemblyLoadContext.Default.Resolving += Resolve;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += ResolveNative;
    }

    /// <summary>Loads the submissions that the compiler emits.</summary>
    public InteractiveAssemblyLoader Loader { get; } = new();

    /// <summary>What the next cell is compiled against.</summary>
    public ImmutableArray<MetadataReference> Current
    {
        get
        {
            lock (_gate)
                return [.. _references.Values];
        }
    }

    /// <summary>Folders that <c>#r</c> made resolvable, in order.</summary>
    public IReadOnlyList<string> Folders
    {
        get
        {
            lock (_gate)
                return [.. _folders];
        }
    }

    public override bool ResolveMissingAssemblies => true;

    /// <summary>Adds the assembly in a file, and makes what lies beside it resolvable.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadImageFormatException">The file is no assembly that can be loaded.</exception>
    public void AddFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"there is no file {path}", path);
        AddFolder(Path.GetDirectoryName(path)!);
        Add(path);
    }

    /// <summary>Adds all assemblies of resolved packages.</summary>
    public void AddPackages(PackageAssets assets)
    {
        AddFolder(assets.NativeFolder);
        lock (_gate)
        {
            foreach (var file in assets.Assemblies)
                _packageFiles[SimpleName(file)] = file;
        }

        foreach (var file in assets.Assemblies)
        {
            AddFolder(Path.GetDirectoryName(file)!);
            Add(file);
        }
    }

    /// <summary>Answers a <c>#r</c> in a file that a cell loads with <c>#load</c>.</summary>
    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath, MetadataReferenceProperties properties)
    {
        var path = Path.GetFullPath(reference, Path.GetDirectoryName(Path.GetFullPath(baseFilePath ?? "."))!);
        if (!File.Exists(path))
            return [];
        AddFile(path);
        lock (_gate)
            return [_references[SimpleName(path)]];
    }

    /// <summary>Answers the compiler when a referenced assembly mentions one that no cell named.</summary>
    public override PortableExecutableReference? ResolveMissingAssembly(MetadataReference definition, AssemblyIdentity referenceIdentity) =>
        Find(referenceIdentity.Name) is { } file ? Reference(file) : null;

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    public void Dispose()
    {
        AssemblyLoadContext.Default.Resolving -= Resolve;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll -= ResolveNative;
        Loader.Dispose();
    }

    /// <summary>References and loads a file, and runs its module initializer, where libraries register their formatters.</summary>
    private void Add(string path)
    {
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(HostFiles.GetValueOrDefault(SimpleName(path), path));
        Reference(assembly.Location);
        RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
    }

    private void AddFolder(string folder)
    {
        lock (_gate)
        {
            if (!_folders.Contains(folder))
                _folders.Add(folder);
        }
    }

    private PortableExecutableReference Reference(string file)
    {
        lock (_gate)
        {
            if (!_references.TryGetValue(SimpleName(file), out var reference))
                _references.Add(SimpleName(file), reference = MetadataReference.CreateFromFile(file));
            return reference;
        }
    }

    private string? Find(string simpleName)
    {
        if (HostFiles.TryGetValue(simpleName, out var host))
            return host;
        lock (_gate)
        {
            return _packageFiles.GetValueOrDefault(simpleName)
                ?? _folders.Select(folder => Path.Combine(folder, simpleName + ".dll")).FirstOrDefault(File.Exists);
        }
    }

    private Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simpleName && Find(simpleName) is { } file ? context.LoadFromAssemblyPath(file) : null;

    private IntPtr ResolveNative(Assembly assembly, string name)
    {
        string[] fileNames = OperatingSystem.IsWindows() ? [name, $"{name}.dll"]
            : OperatingSystem.IsMacOS() ? [name, $"{name}.dylib", $"lib{name}.dylib"]
            : [name, $"{name}.so", $"lib{name}.so"];
        foreach (var file in Folders.SelectMany(folder => fileNames.Select(fileName => Path.Combine(folder, fileName))).Where(File.Exists))
        {
            if (NativeLibrary.TryLoad(file, out var handle))
                return handle;
        }

        return IntPtr.Zero;
    }

    private static string SimpleName(string file) => Path.GetFileNameWithoutExtension(file);
}
