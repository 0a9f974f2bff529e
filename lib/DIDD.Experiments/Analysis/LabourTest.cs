namespace DIDD.Experiments;

/// <summary>
/// Who remembers: networks trained on one half of the tiles of the last set, tested on all domains. The halves of every class are the tiles with the
/// larger ᾱ−β̄, those with the smaller, and, to compare with, random ones.
/// </summary>
/// <param name="Staying">Accuracy of the half with the larger ᾱ−β̄, per cent, [networks][T].</param>
/// <param name="Adapting">Of the half with the smaller ᾱ−β̄, likewise.</param>
/// <param name="Random">Of random halves, another for every network, likewise.</param>
public sealed record LabourTest(IReadOnlyList<IReadOnlyList<double>> Staying, IReadOnlyList<IReadOnlyList<double>> Adapting, IReadOnlyList<IReadOnlyList<double>> Random)
{
    /// <summary>How much more the staying half knows of the first half of the domains, against the last, than the adapting one: points, over the networks.</summary>
    public MeanInterval Tilt => MeanInterval.Of([.. Staying.Zip(Adapting, (staying, adapting) => Lean(staying) - Lean(adapting))]);

    /// <summary>Trains and tests.</summary>
    /// <param name="run">A run of the rule asymmetric.</param>
    /// <param name="stream">Its domains.</param>
    /// <param name="settings">How the networks are trained; of every half as many as the settings say.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    /// <exception cref="ArgumentException">The rule has no rates, or a class has a single tile.</exception>
    public static LabourTest Of(Run run, DomainStream stream, EvaluationSettings settings, CancellationToken cancellation = default)
    {
        var order = DivisionOfLabour.Order(run);
        var half = order[0].Count / 2;
        if (half == 0)
            throw new ArgumentException($"the run {run.Spec.Name} has one tile a class, which has no half; take a factor of at least 2", nameof(run));
        using var set = run.Set(run.Accuracy.Rows.Count - 1);
        double[] Test(int network, IEnumerable<long> tiles)
        {
            using var part = set.Part([.. tiles]);
            using var evaluator = new Evaluator(stream, settings with { Networks = 1, Protocol = Protocol.Clean }, new Randomness(run.Spec.Seed + network));
            return [.. evaluator.Evaluate(stream.Domains.Count - 1, part, null, cancellation)[0].Select(a => a!.Value)];
        }
        var networks = Enumerable.Range(0, settings.Networks).ToList();
        return new LabourTest(
            [.. networks.Select(n => Test(n, order.SelectMany(tiles => tiles.TakeLast(half))))],
            [.. networks.Select(n => Test(n, order.SelectMany(tiles => tiles.Take(half))))],
            [.. networks.Select(n => Test(n, Shuffled(order, new Randomness(run.Spec.Seed).Stream(Purpose.TileHalf, n)).SelectMany(tiles => tiles.Take(half))))]);
    }

    private static IEnumerable<IEnumerable<long>> Shuffled(IReadOnlyList<IReadOnlyList<long>> order, RandomStream numbers) =>
        order.Select(tiles => tiles.Select(tile => (Tile: tile, Key: numbers.NextDouble())).OrderBy(tile => tile.Key).Select(tile => tile.Tile));

    // Mean over the first half of the domains minus that over the last; with an odd number the middle one counts in neither.
    private static double Lean(IReadOnlyList<double> accuracy) => accuracy.Take(accuracy.Count / 2).Average() - accuracy.TakeLast(accuracy.Count / 2).Average();
}
