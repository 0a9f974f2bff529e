using MathNet.Numerics.Statistics;

namespace DIDD.Evaluation;

/// <summary>An estimate with its 95 % percentile interval over resampled groups (Efron 1979).</summary>
/// <param name="Estimate">The estimate from all groups.</param>
/// <param name="Low">2.5th percentile of the resamples.</param>
/// <param name="High">97.5th percentile.</param>
public sealed record BootstrapInterval(double Estimate, double Low, double High)
{
    private const int Resamples = 1000;

    /// <summary>
    /// The mean over rows of Spearman's rank correlation between two quantities of the members of a row, with its interval over groups of
    /// members that are independent of each other, such as classes.
    /// </summary>
    /// <param name="x">One quantity, [rows][groups·members], group after group.</param>
    /// <param name="y">The other, the same shape.</param>
    /// <param name="groups">Number of groups, at least 2.</param>
    /// <exception cref="ArgumentException">Shapes that differ, no rows, or fewer than two groups.</exception>
    public static BootstrapInterval RankCorrelation(IReadOnlyList<IReadOnlyList<double>> x, IReadOnlyList<IReadOnlyList<double>> y, int groups)
    {
        if (groups < 2 || x.Count == 0 || x.Count != y.Count || x.Zip(y).Any(row => row.First.Count != row.Second.Count || row.First.Count == 0 || row.First.Count % groups != 0))
            throw new ArgumentException($"a rank correlation over {groups} groups needs at least two, and rows of equally many members of each");
        double Mean(int[] chosen) => x.Zip(y, (a, b) => Correlation.Spearman(Members(a, chosen), Members(b, chosen))).Where(double.IsFinite).DefaultIfEmpty(0).Average();
        IEnumerable<double> Members(IReadOnlyList<double> row, int[] chosen)
        {
            var size = row.Count / groups;
            return chosen.SelectMany(group => Enumerable.Range(group * size, size).Select(i => row[i]));
        }
        var numbers = new Randomness(0).Stream(Purpose.Bootstrap);
        var estimates = Enumerable.Range(0, Resamples).Select(_ => Mean([.. Enumerable.Range(0, groups).Select(_ => numbers.NextInteger(0, groups))])).Order().ToArray();
        return new BootstrapInterval(Mean([.. Enumerable.Range(0, groups)]), estimates[Resamples / 40], estimates[Resamples - 1 - Resamples / 40]);
    }

    /// <summary>The estimate and, in brackets, the interval, with two decimals.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Estimate:0.00} ({Low:0.00} to {High:0.00})");
}
