using System.Text.RegularExpressions;
using Plotly.NET;

namespace DIDD.Figures;

/// <summary>The plotly.js that Plotly.NET carries: draws figures in pages that must work without a network.</summary>
public static partial class PlotlyJs
{
    private static readonly string ResourceName = typeof(GenericChart).Assembly.GetManifestResourceNames().First(name => Resource().IsMatch(name));

    private static readonly Lazy<string> LazySource = new(() =>
    {
        using var stream = typeof(GenericChart).Assembly.GetManifestResourceStream(ResourceName)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The version, such as <c>2.28.0</c>.</summary>
    public static string Version { get; } = Resource().Match(ResourceName).Groups["version"].Value;

    /// <summary>Where the same version is served, for pages that don't carry it.</summary>
    public static Uri Cdn { get; } = new($"https://cdn.plot.ly/plotly-{Version}.min.js");

    /// <summary>The script itself (about 3.5 MB), for one <c>&lt;script&gt;</c> element or file per page or site.</summary>
    public static string Source => LazySource.Value;

    [GeneratedRegex(@"plotly-(?<version>\d+\.\d+\.\d+)\.min\.js$")]
    private static partial Regex Resource();
}
