namespace DIDD.Figures;

public static partial class Plot
{
    /// <summary>How often values fall into bins of equal width; several samples share the bins and lie over each other.</summary>
    /// <param name="title">The title.</param>
    /// <param name="samples">The samples, in the legend's order.</param>
    /// <param name="x">The axis of the values; its range, if given, is that of the bins, and values outside it are not counted. Not logarithmic.</param>
    /// <param name="bins">Number of bins, 1 to 1000.</param>
    /// <param name="share">Whether to show each bin's share of its sample in per cent, rather than counts.</param>
    /// <param name="caption">The sentence under the figure.</param>
    /// <exception cref="ArgumentException">No sample, a sample without finite values, or an impossible axis or number of bins.</exception>
    public static Figure Histogram(string title, IReadOnlyList<Sample> samples, Axis x, int bins = 40, bool share = false, string caption = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, 1000);
        Check.NotEmpty(samples, "sample", "give at least one");
        if (x.Logarithmic)
            throw new ArgumentException($"The axis '{x.Title}' is logarithmic, but bins have equal width; give the logarithms of the values.");
        foreach (var sample in samples)
            Check.AnyFinite(sample.Values, $"The sample '{sample.Name}'");
        var axis = x.Build();
        var (low, high) = x.Range ?? Ends([.. samples.SelectMany(sample => sample.Values).Where(double.IsFinite)], diverging: false);
        var width = (high - low) / bins;

        var traces = samples.Select((sample, i) =>
        {
            var counts = new int[bins];
            var finite = sample.Values.Where(double.IsFinite).ToArray();
            foreach (var value in finite.Where(value => value >= low && value <= high))
                counts[Math.Min((int)((value - low) / width), bins - 1)]++;
            return TraceOf("bar", new Node
            {
                ["name"] = Labels.Encode(sample.Name),
                ["x"] = Enumerable.Range(0, bins).Select(bin => Numbers.Compact(low + (bin + 0.5) * width)).ToArray(),
                ["y"] = counts.Select(count => Numbers.Compact(share ? 100.0 * count / finite.Length : count)).ToArray(),
                ["width"] = Numbers.Compact(width),
                ["marker"] = new Node { ["color"] = sample.Colour ?? Theme.Colour(i), ["opacity"] = samples.Count > 1 ? 0.6 : 1 },
                ["hovertemplate"] = $"%{{x}}{x.Suffix}: %{{y:.4g}}{(share ? " %" : "")}",
            });
        }).ToArray();

        var layout = Theme.Layout(title, axis, new Axis(share ? "share" : "count", share ? "%" : "").Build(), plotHeight: 320, tickWidth: 46);
        layout["barmode"] = "overlay";
        layout["bargap"] = 0;
        layout["showlegend"] = samples.Count > 1;
        return new Figure(title, caption, traces, layout);
    }
}
