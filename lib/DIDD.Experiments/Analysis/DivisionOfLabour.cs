namespace DIDD.Experiments;

/// <summary>
/// Which tiles stay and which adapt (the paper's Fig. 6): ᾱ−β̄ of every tile at the end of every domain after the first, and how far the tile moved
/// in it. A tile with a large ᾱ−β̄ was weighted for stability, one with a small ᾱ−β̄ for plasticity. α and β start every domain anew.
/// </summary>
/// <param name="Classes">Number of classes C.</param>
/// <param name="Preference">ᾱ−β̄, in (−2,2) by the paper's bounds, [T−1][C·IPC·f²], image after image; with a pair of rates per image, [T−1][C·IPC].</param>
/// <param name="Change">Root mean square change of the tile's pixels from X̂_{t−1} to X̂_t, pixels in [0,1], the same shape.</param>
public sealed record DivisionOfLabour(int Classes, IReadOnlyList<IReadOnlyList<double>> Preference, IReadOnlyList<IReadOnlyList<double>> Change)
{
    /// <summary>Spearman's correlation between ᾱ−β̄ and the change within a domain, mean over the domains; interval over the classes, which do not interact.</summary>
    public BootstrapInterval ChangeCorrelation => BootstrapInterval.RankCorrelation(Preference, Change, Classes);

    /// <summary>Spearman's correlation between ᾱ−β̄ in a domain and in the next one: whether a tile keeps its part. Null with fewer than three domains.</summary>
    public BootstrapInterval? Persistence => Preference.Count < 2 ? null
        : BootstrapInterval.RankCorrelation([.. Preference.SkipLast(1)], [.. Preference.Skip(1)], Classes);

    /// <summary>Reads a run.</summary>
    /// <param name="run">A run of the rule asymmetric with the set of every domain.</param>
    /// <exception cref="ArgumentException">The rule has no rates, or there is one domain.</exception>
    /// <exception cref="DataSetException">The sets before the last were not kept, as in recorded runs of seeds other than 0.</exception>
    public static DivisionOfLabour Of(Run run)
    {
        var (preference, change, classes) = (new List<double[]>(), new List<double[]>(), 0);
        for (var t = 1; t < run.Accuracy.Rows.Count; t++)
        {
            using var scope = NewDisposeScope();
            using SyntheticSet before = run.Set(t - 1), after = run.Set(t);
            classes = after.Classes;
            preference.Add(PreferenceOf(after, run));
            var factor = preference[^1].Length == after.Classes * after.Ipc ? 1 : after.Formation.Factor;
            using var grid = new TileGrid(factor, after.Shape, CPU, ScalarType.Float32);
            var moved = (after.Images - before.Images).flatten(0, 1).square();
            change.Add([.. (grid.Sum(moved) / grid.Sum(ones_like(moved))).sqrt().data<float>().Select(value => (double)value)]);
        }
        return preference.Count > 0
            ? new DivisionOfLabour(classes, preference, change)
            : throw new ArgumentException($"the run {run.Spec.Name} has one domain; rates are learnt from the second on", nameof(run));
    }

    /// <summary>ᾱ−β̄ of every tile at the end of the last domain, [C·IPC·f²], in the order of <see cref="SyntheticSet.Tiles"/>; tiles of an image share its pair of rates where it has one.</summary>
    /// <param name="run">A run of the rule asymmetric.</param>
    /// <exception cref="ArgumentException">The rule has no rates.</exception>
    public static IReadOnlyList<double> Preferences(Run run)
    {
        using var set = run.Set(run.Accuracy.Rows.Count - 1);
        var (preference, tiles) = (PreferenceOf(set, run), set.Classes * set.Ipc * set.Formation.Tiles);
        return [.. Enumerable.Range(0, tiles).Select(i => preference[i * preference.Length / tiles])];
    }

    /// <summary>Tiles of every class by ᾱ−β̄ at the end of the last domain, the most adapting first, [C][IPC·f²]; indices into <see cref="SyntheticSet.Tiles"/>.</summary>
    /// <param name="run">A run of the rule asymmetric.</param>
    /// <exception cref="ArgumentException">The rule has no rates.</exception>
    public static IReadOnlyList<IReadOnlyList<long>> Order(Run run)
    {
        var (preference, perClass) = (Preferences(run), run.Spec.Ipc * run.Spec.Distillation.Factor * run.Spec.Distillation.Factor);
        return [.. preference.Index().Chunk(perClass).Select(tiles => tiles.OrderBy(tile => tile.Item).Select(tile => (long)tile.Index).ToArray())];
    }

    private static double[] PreferenceOf(SyntheticSet set, Run run)
    {
        if (set is not { Alpha: { } alpha, Beta: { } beta })
            throw new ArgumentException($"the run {run.Spec.Name} has no rates; take one of the rule asymmetric with at least two domains", nameof(run));
        using var difference = alpha - beta;
        return [.. difference.data<float>().Select(value => (double)value)];
    }
}
