namespace DIDD.Notebooks;

/// <summary>The one copy of plotly.js that pages share, the one in Plotly.NET, so that no network is needed.</summary>
internal static class PlotlyScript
{
    /// <summary>Name of the file beside the pages.</summary>
    public const string FileName = "plotly.min.js";

    /// <summary>Writes the script into a folder.</summary>
    public static void CopyTo(string folder)
    {
        var library = typeof(Plotly.NET.GenericChart).Assembly;
        using var script = library.GetManifestResourceStream(library.GetManifestResourceNames().Single(name => name.EndsWith(".min.js", StringComparison.Ordinal)))!;
        using var file = File.Create(Path.Combine(folder, FileName));
        script.CopyTo(file);
    }
}
