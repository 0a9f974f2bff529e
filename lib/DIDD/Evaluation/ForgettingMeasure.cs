namespace DIDD.Evaluation;

/// <summary>
/// The definitions of forgetting in use, per cent points: means over the domains k &lt; t of what accuracy on k was, less A[t,k] (METHOD §1). All
/// are 0 for the first domain.
/// </summary>
public static class ForgettingMeasure
{
    /// <summary>Name → F_t of a matrix after domain t (from 0).</summary>
    public static IReadOnlyDictionary<string, Func<AccuracyMatrix, int, double>> ByName { get; } = new Dictionary<string, Func<AccuracyMatrix, int, double>>
    {
        ["authors"] = Authors,
        // The package mammoth: max_{l=1..t} A[l,k] − A[t,k], the best of the whole column. It differs from the authors' only where a domain was measured before
        // it was seen, and better than ever after.
        ["mammoth"] = (matrix, t) => Mean(matrix, t, (k, last) => matrix.Rows.Take(t + 1).Max(row => row[k])!.Value - last),
        // The package Avalanche: A[k,k] − A[t,k], what was first − last; may be negative.
        ["avalanche"] = (matrix, t) => Mean(matrix, t, (k, last) => matrix.Seen(k, k) - last),
        // Chaudhry et al. 2018: max_{l=1..t−1} A[l,k] − A[t,k], the best before the last, of the whole column; may be negative.
        ["chaudhry"] = (matrix, t) => Mean(matrix, t, (k, last) => matrix.Rows.Take(t).Max(row => row[k])!.Value - last),
    };

    /// <summary>The released code of the paper: max(0, max_{l=k..t} A[l,k] − A[t,k]).</summary>
    public static double Authors(AccuracyMatrix matrix, int t) => Mean(matrix, t, (k, last) => Math.Max(0, Best(matrix, k, t) - last));

    private static double Best(AccuracyMatrix matrix, int k, int until) => Enumerable.Range(k, until - k + 1).Max(l => matrix.Seen(l, k));

    private static double Mean(AccuracyMatrix matrix, int t, Func<int, double, double> forgotten) =>
        t == 0 ? 0 : Enumerable.Range(0, t).Average(k => forgotten(k, matrix.Seen(t, k)));
}
