namespace DIDD.Evaluation;

/// <summary>Backward transfer (Lopez-Paz and Ranzato 2017).</summary>
public static class BackwardTransfer
{
    /// <summary>Mean over k &lt; t of A[t,k] − A[k,k], per cent points: what later domains gave to (or, negative, took from) earlier ones.</summary>
    /// <param name="matrix">The accuracies.</param>
    /// <param name="t">Index of the domain after which it is taken, from 0; 0 gives 0.</param>
    public static double After(AccuracyMatrix matrix, int t) => 0 - ForgettingMeasure.Avalanche(matrix, t);
}
