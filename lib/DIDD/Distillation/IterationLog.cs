namespace DIDD.Distillation;

/// <summary>
/// Brings what the iterations of a domain measured to the host, checks it, and makes the records. Whatever is due goes in one read, since a read waits
/// for the device: on the CPU, where that costs nothing, after every iteration; on a GPU several iterations together.
/// </summary>
internal sealed class IterationLog(int domain, IReadOnlyList<string> classes, Action<IterationRecord>? record) : IDisposable
{
    // The largest mean |ΔX| of a class's pixels, which live in [0,1], that can still be a step of a distillation.
    private const float LargestStep = 10;

    private readonly List<(int Iteration, double Seconds, Tensor Measures)> _due = [];

    /// <summary>Keeps the measures of an iteration on the device.</summary>
    public void Add(int iteration, double seconds, IterationMeasures measures, UpdateRule rule)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        List<Tensor> rows = [measures.Plastic, measures.Step];
        if (measures is { Stable: not null, Cosine: not null })
            rows.AddRange([measures.Stable, measures.Cosine]);
        if (measures.Stable is not null && rule is { Alpha: { } alpha, Beta: { } beta })
            rows.AddRange([PerClass(alpha), PerClass(beta)]);
        _due.Add((iteration, seconds, stack(rows).DetachFromDisposeScope()));
    }

    /// <summary>Reads, checks and records what is due; the diagnostics are those of the last iteration, if there are any.</summary>
    /// <exception cref="DivergenceException">An iteration went wrong; those before it are recorded.</exception>
    public void Read(IterationDiagnostics? diagnostics = null)
    {
        if (_due.Count == 0)
            return;
        using var scope = NewDisposeScope();
        var rows = stack(_due.Select(due => due.Measures)).cpu().data<float>().ToArray().Chunk(classes.Count).Chunk((int)_due[0].Measures.shape[0]).ToList();
        for (var i = 0; i < _due.Count; i++)
        {
            var (plastic, step) = (rows[i][0], rows[i][1]);
            var (stable, cosines) = rows[i].Length > 2 ? (rows[i][2], rows[i][3]) : (null, null);
            Check(domain, _due[i].Iteration, classes, plastic, stable, step);
            record?.Invoke(new IterationRecord(
                domain, _due[i].Iteration, plastic.Average(), stable?.Average(), cosines is null ? null : [.. cosines.Select(c => Math.Round(c, 5))],
                rows[i].Length > 4 ? rows[i][4].Average() : null, rows[i].Length > 4 ? rows[i][5].Average() : null, Math.Round(_due[i].Seconds, 3),
                i == _due.Count - 1 ? diagnostics : null));
        }
        Clear();
    }

    public void Dispose() => Clear();

    /// <exception cref="DivergenceException">A loss is no longer finite, or a step left the range of pixels far behind; the message says where.</exception>
    internal static void Check(int domain, int iteration, IReadOnlyList<string> classes, float[] plastic, float[]? stable, float[] step)
    {
        foreach (var (name, values, largest) in (ReadOnlySpan<(string, float[], float)>)[
            ("L_plastic", plastic, float.MaxValue), ("L_stable", stable ?? [], float.MaxValue), ("the mean step of a pixel", step, LargestStep)])
        {
            if (Array.FindIndex(values, value => !(float.Abs(value) <= largest)) is >= 0 and var c)
                throw new DivergenceException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"domain {domain + 1}, iteration {iteration}, class {classes[c]}: {name} is {values[c]}; lower distillation.learningRate, the λ of the rule, or the upper bounds of its rates"));
        }
    }

    private Tensor PerClass(Tensor rates) => rates.view(classes.Count, -1).mean([1]);

    private void Clear()
    {
        _due.ForEach(due => due.Measures.Dispose());
        _due.Clear();
    }
}
