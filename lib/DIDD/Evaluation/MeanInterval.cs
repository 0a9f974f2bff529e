using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace DIDD.Evaluation;

/// <summary>A mean over repetitions, such as seeds, with its 95 % confidence interval by Student's t.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">Half the width of the interval: t_{0.975,n−1}·s/√n; null for one value, which says nothing of the spread.</param>
/// <param name="Count">Number of values n.</param>
public sealed record MeanInterval(double Mean, double? HalfWidth, int Count)
{
    private const double Error = 0.05;

    /// <summary>Mean and interval of values.</summary>
    /// <param name="values">At least one, independent.</param>
    /// <exception cref="ArgumentException">There are none, or one is not finite.</exception>
    public static MeanInterval Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0 || !values.All(double.IsFinite))
            throw new ArgumentException($"a mean needs finite values, at least one; these are [{string.Join(", ", values)}]", nameof(values));
        var (mean, deviation) = values.MeanStandardDeviation();
        return new MeanInterval(
            mean, values.Count == 1 ? null : Quantile(values.Count, 1) * deviation / Math.Sqrt(values.Count), values.Count);
    }

    /// <summary>Half the width of the interval when as many are looked at together that one of them shall miss by chance in 5 % of cases (Bonferroni); null for one value.</summary>
    /// <param name="comparisons">Number of intervals, at least 1; for 1 <see cref="HalfWidth"/>.</param>
    public double? HalfWidthAmong(int comparisons) => HalfWidth is { } half ? half * Quantile(Count, comparisons) / Quantile(Count, 1) : null;

    private static double Quantile(int count, int comparisons) => StudentT.InvCDF(0, 1, count - 1, 1 - Error / (2 * comparisons));

    /// <summary>The mean, and ± half the width, with one decimal.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Mean:0.0;-0.0;0.0}{HalfWidth:' ± '0.0}");
}
