using Microsoft.CodeAnalysis;

namespace DIDD.Notebooks.Jupyter;

/// <summary>The documentation of assemblies: a file beside the assembly or, for the runtime's, what the SDK has of it.</summary>
internal static class Documentation
{
    private static readonly string RuntimeFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    private static readonly string? SdkFolder = FindSdkFolder();

    /// <summary>The reference with the documentation that there is.</summary>
    public static MetadataReference AddedTo(PortableExecutableReference reference)
    {
        var assembly = reference.FilePath!;
        var folder = Path.GetDirectoryName(assembly) == RuntimeFolder ? SdkFolder : Path.GetDirectoryName(assembly);
        var file = folder is null ? null : Path.Combine(folder, Path.GetFileNameWithoutExtension(assembly) + ".xml");
        return File.Exists(file)
            ? ((AssemblyMetadata)reference.GetMetadata()).GetReference(XmlDocumentationProvider.CreateFromFile(file), filePath: assembly)
            : reference;
    }

    /// <summary>The newest reference assemblies of this runtime's version.</summary>
    private static string? FindSdkFolder()
    {
        var packs = Path.GetFullPath(Path.Combine(RuntimeFolder, "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref"));
        var version = Environment.Version;
        return !Directory.Exists(packs) ? null : Directory.GetDirectories(packs, $"{version.Major}.{version.Minor}.*")
            .OrderByDescending(pack => Version.TryParse(Path.GetFileName(pack), out var found) ? found : null)
            .Select(pack => Path.Combine(pack, "ref", $"net{version.Major}.{version.Minor}"))
            .FirstOrDefault(Directory.Exists);
    }
}
