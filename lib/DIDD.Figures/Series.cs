namespace DIDD.Figures;

/// <summary>One curve of <see cref="Plot.Lines"/> or cloud of <see cref="Plot.Points"/>.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="X">Where the values stand; [n], finite.</param>
/// <param name="Y">The values; [n], NaN where there is none: the line has a gap there.</param>
/// <param name="Low">The lower edge of a band around a curve, such as a 95 % interval; [n], given together with <paramref name="High"/>.</param>
/// <param name="High">The upper edge of the band; [n].</param>
/// <param name="Hover">A line of text for each point, shown on hover; [n].</param>
/// <param name="Colour">Its colour, such as a rule's (<see cref="Theme.Rule"/>); that of its place in the figure if null.</param>
/// <param name="Dashed">Whether a curve is dashed, as the second of a pair in one colour.</param>
public sealed record Series(
    string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, IReadOnlyList<double>? Low = null, IReadOnlyList<double>? High = null,
    IReadOnlyList<string>? Hover = null, string? Colour = null, bool Dashed = false)
{
    /// <summary>A curve of means at 1, 2, 3, …, with their 95 % intervals as a band where they have them.</summary>
    internal static Series Of(string name, IReadOnlyList<MeanInterval> means, string colour)
    {
        var series = new Series(name, Count(means.Count), [.. means.Select(mean => mean.Mean)], Colour: colour);
        return means[0].HalfWidth is null ? series
            : series with
            {
                Low = [.. means.Select(mean => mean.Mean - mean.HalfWidth!.Value)],
                High = [.. means.Select(mean => mean.Mean + mean.HalfWidth!.Value)],
            };
    }

    /// <summary>1, 2, 3, …</summary>
    internal static double[] Count(int count) => [.. Enumerable.Range(1, count).Select(i => (double)i)];

    internal void Validate()
    {
        Check.NotEmpty(Y, $"value in the series '{Name}'", "leave the series out");
        Check.Length(X, Y.Count, "x values", $"y values of the series '{Name}'");
        Check.Length(Low, Y.Count, "lower edges", $"values of the series '{Name}'");
        Check.Length(High, Y.Count, "upper edges", $"values of the series '{Name}'");
        Check.Length(Hover, Y.Count, "hover texts", $"values of the series '{Name}'");
        if (!X.All(double.IsFinite))
            throw new ArgumentException($"An x value of the series '{Name}' is not finite; leave the point out, or give NaN in its y for a gap.");
        Check.AnyFinite(Y, $"The series '{Name}'");
        if ((Low is null) != (High is null))
            throw new ArgumentException($"The band of the series '{Name}' has one edge; give both Low and High, or neither.");
    }
}
