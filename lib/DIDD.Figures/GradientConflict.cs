namespace DIDD.Figures;

/// <summary>How far the gradients of stability and plasticity oppose each other in a run, over all classes, recorded iterations and domains after the first.</summary>
/// <param name="Mean">Mean of cos(g_S,g_P), in [−1,1].</param>
/// <param name="Low">5th percentile.</param>
/// <param name="High">95th percentile.</param>
/// <param name="Negative">Share of negative cosines, in [0,1].</param>
/// <param name="Count">Number of cosines.</param>
/// <param name="ByClass">Mean of the cosines of every class, [C].</param>
public sealed record GradientConflict(double Mean, double Low, double High, double Negative, int Count, IReadOnlyList<double> ByClass)
{
    /// <summary>Measures a run.</summary>
    /// <exception cref="ArgumentException">The run's rule has no L_stable, or it has one domain.</exception>
    public static GradientConflict Of(Run run)
    {
        var records = RunFigures.WithCosines(run);
        var cosines = records.SelectMany(record => record.Cosines!).Order().ToList();
        return new GradientConflict(
            cosines.Average(), cosines[(int)(0.05 * (cosines.Count - 1))], cosines[(int)(0.95 * (cosines.Count - 1))], cosines.Count(cosine => cosine < 0) / (double)cosines.Count, cosines.Count,
            [.. Enumerable.Range(0, records[0].Cosines!.Count).Select(c => records.Average(record => record.Cosines![c]))]);
    }

    /// <summary>The measures as a sentence.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"The mean cosine is {Mean:0.00} (5–95 %: {Low:0.00} to {High:0.00}); {100 * Negative:0} % of {Count:N0} are negative.");
}
