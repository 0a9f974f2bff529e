using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;

namespace DIDD.Notebooks;

/// <summary>
/// Loads the assemblies that <c>#r</c> names, and what lies in the same folders, into the default context, each once, so that a type is the same type
/// for the compiler, the cells and the libraries. What the host itself carries wins over a notebook's copy.
/// </summary>
internal sealed class AssemblyReferences : IDisposable
{
    private static readonly Dictionary<string, string> HostFiles = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .DistinctBy(SimpleName, StringComparer.OrdinalIgnoreCase).ToDictionary(SimpleName, StringComparer.OrdinalIgnoreCase);

    // In the order of their #r.
    private ImmutableList<string> _folders = [];

    public AssemblyReferences()
    {
        AssemblyLoadContext.Default.Resolving += Resolve;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += ResolveNative;
    }

    /// <summary>Loads the assembly in a file, runs its module initializer, where libraries register their formatters, and makes what lies beside it resolvable.</summary>
    /// <returns>What the compiler needs: the files that it and what it refers to are in, the host's own where it has them.</returns>
    /// <exception cref="BadImageFormatException">The file is no assembly that can be loaded.</exception>
    public IReadOnlyCollection<string> Add(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!_folders.Contains(folder))
            _folders = _folders.Add(folder);
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(HostFiles.GetValueOrDefault(SimpleName(path), path));
        RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
        HashSet<string> files = [];
        AddWithReferences(assembly.Location, files);
        return files;
    }

    public void Dispose()
    {
        AssemblyLoadContext.Default.Resolving -= Resolve;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll -= ResolveNative;
    }

    private void AddWithReferences(string file, HashSet<string> files)
    {
        if (!files.Add(file))
            return;
        using var reader = new PEReader(File.OpenRead(file));
        var metadata = reader.GetMetadataReader();
        foreach (var name in metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)))
        {
            if (Find(name) is { } referenced)
                AddWithReferences(HostFiles.GetValueOrDefault(name, referenced), files);
        }
    }

    private string? Find(string name) =>
        _folders.Select(folder => Path.Combine(folder, name + ".dll")).FirstOrDefault(File.Exists);

    private Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) => Find(name.Name!) is { } file ? context.LoadFromAssemblyPath(file) : null;

    private IntPtr ResolveNative(Assembly assembly, string name)
    {
        string[] fileNames = [name, $"{name}.dll", $"{name}.so", $"lib{name}.so", $"{name}.dylib", $"lib{name}.dylib"];
        foreach (var file in _folders.SelectMany(_ => fileNames, Path.Combine))
        {
            if (NativeLibrary.TryLoad(file, out var handle))
                return handle;
        }

        return IntPtr.Zero;
    }

    private static string SimpleName(string file) => Path.GetFileNameWithoutExtension(file);
}
