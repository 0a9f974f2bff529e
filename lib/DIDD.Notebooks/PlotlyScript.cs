using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DIDD.Notebooks;

/// <summary>The one copy of plotly.js that pages share, taken from where the notebooks' figures come from, so that no network is needed.</summary>
internal static class PlotlyScript
{
    /// <summary>Name of the file beside the pages.</summary>
    public const string FileName = "plotly.min.js";

    /// <summary>Writes the script into a folder: a file of that name, or the one embedded in Plotly.NET.dll, from the first folder that has either.</summary>
    /// <returns>False when no folder has one.</returns>
    public static bool CopyTo(string outFolder, IEnumerable<string> searchFolders)
    {
        var target = Path.Combine(outFolder, FileName);
        foreach (var folder in searchFolders)
        {
            var file = Path.Combine(folder, FileName);
            var library = Path.Combine(folder, "Plotly.NET.dll");
            if (Path.GetFullPath(file) == Path.GetFullPath(target))
                continue;
            if (File.Exists(file))
                File.Copy(file, target, overwrite: true);
            else if (File.Exists(library) && Embedded(library) is { } script)
                File.WriteAllBytes(target, script);
            else
                continue;
            return true;
        }

        return false;
    }

    /// <summary>Reads the resource without loading the library.</summary>
    private static byte[]? Embedded(string library)
    {
        using var stream = File.OpenRead(library);
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        foreach (var resource in metadata.ManifestResources.Select(metadata.GetManifestResource))
        {
            var name = metadata.GetString(resource.Name);
            var isScript = name.Contains("plotly", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".min.js", StringComparison.Ordinal);
            if (!isScript || !resource.Implementation.IsNil)
                continue;
            var resources = image.GetSectionData(image.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress).GetReader();
            resources.Offset = (int)resource.Offset;
            return resources.ReadBytes(resources.ReadInt32());
        }

        return null;
    }
}
