namespace DIDD.Evaluation;

/// <summary>
/// A[t,k]: accuracy in per cent on domain k of a network trained on the set after domain t (METHOD §1). Domains not yet seen (k &gt; t) are
/// measured too by the clean protocol and not by the official one; they enter neither A_T nor F_T. A set made from all domains at once has a
/// single row, which has seen all.
/// </summary>
public sealed class AccuracyMatrix
{
    private readonly double?[][] _rows;

    /// <summary>Creates the matrix.</summary>
    /// <param name="rows">At most T rows of T accuracies in [0,100], null where nothing was measured (k &gt; t); fewer rows while a run is under way.</param>
    /// <param name="joint">Whether the set was made from all domains at once: a single row, that of the last domain.</param>
    /// <exception cref="ArgumentException">There are no rows, they are not of equal length, there are more than there may be, or a domain seen is not measured.</exception>
    public AccuracyMatrix(IEnumerable<IReadOnlyList<double?>> rows, bool joint = false)
    {
        Joint = joint;
        _rows = [.. rows.Select(row => row.ToArray())];
        if (_rows.Length == 0 || _rows.Any(row => row.Length != _rows[0].Length) || _rows.Length > _rows[0].Length)
            throw new ArgumentException($"an accuracy matrix has up to T rows of T accuracies; these rows have the lengths [{string.Join(", ", _rows.Select(row => row.Length))}]", nameof(rows));
        if (joint && _rows.Length > 1)
            throw new ArgumentException($"the accuracy of a set made from all domains at once has one row, not {_rows.Length}", nameof(rows));
        foreach (var (t, row) in _rows.Index())
            if (row.Take(Seen(t)).ToList().FindIndex(accuracy => accuracy is null or double.NaN) is >= 0 and var k)
                throw new ArgumentException($"the accuracy on domain {k + 1} after domain {t + 1} is missing; every domain seen must be measured", nameof(rows));
    }

    /// <summary>Whether the set was made from all domains at once.</summary>
    public bool Joint { get; }

    /// <summary>Domains done so far: those that the last row has seen.</summary>
    public int Done => Seen(_rows.Length - 1);

    /// <summary>Number of domains T.</summary>
    public int Domains => _rows[0].Length;

    /// <summary>A[t,k], indices from 0; null where it was not measured.</summary>
    public double? this[int t, int k] => _rows[t][k];

    /// <summary>A_T: the mean over the domains seen, after the last domain done; per cent.</summary>
    public double Average => AverageAfter(_rows.Length - 1);

    /// <summary>F_T, the authors' definition, after the last domain done; per cent points. Null where there is one row: before the second domain, and for all domains at once.</summary>
    public double? Forgetting => _rows.Length < 2 ? null : ForgettingAfter(_rows.Length - 1);

    /// <summary>How many domains row t has seen: t + 1, or all of them where the set was made from all at once.</summary>
    public int Seen(int t) => Joint ? Domains : t + 1;

    /// <summary>The mean accuracy in row t over the domains that it has seen, per cent.</summary>
    public double AverageAfter(int t) => Enumerable.Range(0, Seen(t)).Average(k => Seen(t, k));

    /// <summary>F_t by the authors' definition; 0 for the first domain. <see cref="ForgettingMeasure"/> has the others.</summary>
    public double ForgettingAfter(int t) => ForgettingMeasure.Authors(this, t);

    /// <summary>Means of the last row over consecutive domains, as in the paper's ablation (1–5, 6–10, 11–15, 16–20); per cent.</summary>
    /// <returns>First and last domain, from 1, and mean of up to four segments, over which the domains done are spread as evenly as can be.</returns>
    public IReadOnlyList<(int First, int Last, double Mean)> Segments()
    {
        var segments = Math.Min(4, Done);
        return [.. Enumerable.Range(0, segments)
            .Select(s => (From: s * Done / segments, To: (s + 1) * Done / segments))
            .Select(s => (s.From + 1, s.To, Enumerable.Range(s.From, s.To - s.From).Average(k => Seen(_rows.Length - 1, k))))];
    }

    /// <summary>The rows; null where nothing was measured.</summary>
    public IReadOnlyList<IReadOnlyList<double?>> Rows => _rows;

    // A[t,k] for k ≤ t, which is always there.
    internal double Seen(int t, int k) => _rows[t][k]!.Value;
}
