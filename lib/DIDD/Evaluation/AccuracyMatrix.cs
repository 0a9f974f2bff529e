namespace DIDD.Evaluation;

/// <summary>
/// A[t,k]: accuracy in per cent on domain k of a network trained on the set after domain t (METHOD §1). Rows are complete: domains not yet
/// seen (k &gt; t) are measured too, but enter neither A_T nor F_T. A set made from all domains at once has a single row, which has seen all.
/// </summary>
public sealed class AccuracyMatrix
{
    private readonly double[][] _rows;

    /// <summary>Creates the matrix.</summary>
    /// <param name="rows">At most T rows of T accuracies in [0,100]; fewer rows while a run is under way.</param>
    /// <param name="joint">Whether the set was made from all domains at once: a single row, that of the last domain.</param>
    /// <exception cref="ArgumentException">There are no rows, or they are not of equal length, or more than there may be.</exception>
    public AccuracyMatrix(IEnumerable<IReadOnlyList<double>> rows, bool joint = false)
    {
        Joint = joint;
        _rows = [.. rows.Select(row => row.ToArray())];
        if (_rows.Length == 0 || _rows.Any(row => row.Length != _rows[0].Length) || _rows.Length > _rows[0].Length)
            throw new ArgumentException($"an accuracy matrix has up to T rows of T accuracies; these rows have the lengths [{string.Join(", ", _rows.Select(row => row.Length))}]", nameof(rows));
        if (joint && _rows.Length > 1)
            throw new ArgumentException($"the accuracy of a set made from all domains at once has one row, not {_rows.Length}", nameof(rows));
    }

    /// <summary>Whether the set was made from all domains at once.</summary>
    public bool Joint { get; }

    /// <summary>Domains done so far: those that the last row has seen.</summary>
    public int Done => Seen(_rows.Length - 1);

    /// <summary>Number of domains T.</summary>
    public int Domains => _rows[0].Length;

    /// <summary>A[t,k], indices from 0.</summary>
    public double this[int t, int k] => _rows[t][k];

    /// <summary>A_T: the mean over the domains seen, after the last domain done; per cent.</summary>
    public double Average => AverageAfter(_rows.Length - 1);

    /// <summary>F_T, the authors' definition, after the last domain done; per cent points. Null where there is one row: before the second domain, and for all domains at once.</summary>
    public double? Forgetting => _rows.Length < 2 ? null : ForgettingAfter(_rows.Length - 1);

    /// <summary>How many domains row t has seen: t + 1, or all of them where the set was made from all at once.</summary>
    public int Seen(int t) => Joint ? Domains : t + 1;

    /// <summary>The mean accuracy in row t over the domains that it has seen, per cent.</summary>
    public double AverageAfter(int t) => _rows[t].Take(Seen(t)).Average();

    /// <summary>
    /// Mean over k &lt; t of max(0, max_{l=k..t} A[l,k] − A[t,k]), the authors' code; 0 for the first domain.
    /// </summary>
    public double ForgettingAfter(int t) => t == 0 ? 0 : Enumerable.Range(0, t)
        .Average(k => Math.Max(0, Enumerable.Range(k, t - k + 1).Max(l => _rows[l][k]) - _rows[t][k]));

    /// <summary>Means of the last row over consecutive domains, as in the paper's ablation (1–5, 6–10, 11–15, 16–20); per cent.</summary>
    /// <param name="count">Number of segments; the domains done are spread over them as evenly as can be, at most one segment a domain.</param>
    /// <returns>First and last domain of every segment, from 1, and the mean.</returns>
    public IReadOnlyList<(int First, int Last, double Mean)> Segments(int count = 4)
    {
        var segments = Math.Min(count, Done);
        return [.. Enumerable.Range(0, segments)
            .Select(s => (From: s * Done / segments, To: (s + 1) * Done / segments))
            .Select(s => (s.From + 1, s.To, _rows[^1][s.From..s.To].Average()))];
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Rows => _rows;
}
