namespace DIDD.Figures;

/// <summary>Figures of the division of labour between tiles (the paper's Fig. 6).</summary>
public static class LabourFigures
{
    private const int MostRows = 8, ShownTiles = 5;

    /// <summary>Tiles of the last set, a column per class, sorted by ᾱ−β̄: adapting ones on top. Of many tiles a class, eight evenly spaced ranks.</summary>
    /// <param name="run">A run of the rule asymmetric.</param>
    public static Figure Tiles(Run run)
    {
        var order = DivisionOfLabour.Order(run);
        using var set = run.Set(run.Accuracy.Rows.Count - 1);
        var preference = DivisionOfLabour.Preferences(run);
        var (perClass, pictures) = (order[0].Count, Pictures(set));
        var ranks = Enumerable.Range(0, Math.Min(perClass, MostRows)).Select(row => perClass <= MostRows ? row : row * (perClass - 1) / (MostRows - 1)).ToList();
        var shown = ranks.SelectMany(rank => order.Select(tiles => (int)tiles[rank])).ToList();
        var (lowest, highest) = (preference.Min(), preference.Max());
        return Plot.ImageSheet(
            "Tiles of the last set by ᾱ−β̄", [.. shown.Select(tile => pictures[tile])], set.Shape.Height, set.Shape.Width, set.Classes,
            rowLabels: [.. ranks.Select(rank => (rank + 1).ToString(CultureInfo.InvariantCulture))], columnLabels: [.. Enumerable.Range(0, set.Classes).Select(c => $"{c}")],
            rowTitle: "rank of ᾱ−β̄", columnTitle: "class", hover: [.. shown.Select(tile => string.Create(CultureInfo.InvariantCulture, $"ᾱ−β̄ = {preference[tile]:0.000}"))], scale: 2,
            caption: string.Create(CultureInfo.InvariantCulture, $"Top: the tile of each class that adapts most. ᾱ−β̄ goes from {lowest:0.00} to {highest:0.00}. {RunFigures.Source(run)}"));
    }

    /// <summary>The history of the five tiles with the smallest and the five with the largest ᾱ−β̄ at the end of the last domain: a row per domain.</summary>
    /// <param name="run">A run of the rule asymmetric with the set of every domain.</param>
    public static Figure History(Run run)
    {
        var preference = DivisionOfLabour.Preferences(run);
        var sorted = Enumerable.Range(0, preference.Count).OrderBy(tile => preference[tile]).ToList();
        var tiles = sorted.Take(ShownTiles).Concat(sorted.TakeLast(ShownTiles)).ToList();
        var images = new List<byte[]>();
        var (perClass, shape) = (0, new Data.ImageShape(1, 1, 1));
        var moved = new double[preference.Count];
        List<byte[]>? before = null;
        for (var t = 0; t < run.Accuracy.Rows.Count; t++)
        {
            using var set = run.Set(t);
            (perClass, shape) = (preference.Count / set.Classes, set.Shape);
            var pictures = Pictures(set);
            if (before is not null && t == run.Accuracy.Rows.Count - 1)
                moved = [.. pictures.Zip(before, (now, then) => now.Zip(then, (a, b) => Math.Abs(a - b) / 255.0).Average())];
            before = pictures;
            images.AddRange(tiles.Select(tile => pictures[tile]));
        }
        return Plot.ImageSheet(
            "Tiles with the smallest ᾱ−β̄ (left) and the largest (right)", images, shape.Height, shape.Width, tiles.Count,
            rowLabels: Plot.Numbered(run.Accuracy.Rows.Count),
            columnLabels: [.. tiles.Select(tile => string.Create(CultureInfo.InvariantCulture, $"{preference[tile]:0.00}"))], rowTitle: "after domain t", columnTitle: "ᾱ−β̄ in the last domain",
            caption: string.Create(CultureInfo.InvariantCulture,
                $"Classes, left to right: {string.Join(" ", tiles.Select(tile => tile / perClass))}. In the last domain a pixel of the left five moved by {tiles.Take(ShownTiles).Average(tile => moved[tile]):0.000} "
                + $"on average, of the right five by {tiles.TakeLast(ShownTiles).Average(tile => moved[tile]):0.000} (pixels in [0,1]). {RunFigures.Source(run)}"));
    }

    /// <summary>How far every tile moved against its ᾱ−β̄, a point per tile and domain.</summary>
    public static Figure Change(DivisionOfLabour labour, Run run)
    {
        double[] All(IReadOnlyList<IReadOnlyList<double>> values) => [.. values.SelectMany(row => row)];
        return Plot.Points(
            "Do tiles with a large ᾱ−β̄ stay?", [new Series("tiles", All(labour.Preference), All(labour.Change), Colour: Theme.Rule(run.Spec.Rule))],
            new Axis("ᾱ−β̄ at the end of a domain"), new Axis("RMS change in that domain", "pixels in [0,1]"),
            caption: $"Spearman's correlation within a domain, mean over {labour.Preference.Count} domains: {labour.ChangeCorrelation} (95 % interval over classes). "
                + (labour.Persistence is { } persistence ? $"Between ᾱ−β̄ in a domain and in the next: {persistence}. " : "") + RunFigures.Source(run));
    }

    /// <summary>Accuracy on every domain of networks trained on half of the tiles.</summary>
    public static Figure Halves(LabourTest test, EvaluationSettings settings, Run run)
    {
        Series Of(string name, IReadOnlyList<IReadOnlyList<double>> networks, string colour) =>
            Series.Of(name, [.. Enumerable.Range(0, networks[0].Count).Select(k => MeanInterval.Of([.. networks.Select(network => network[k])]))], colour);
        double Mean(IReadOnlyList<IReadOnlyList<double>> networks) => networks.Average(network => network.Average());
        return Plot.Lines(
            "Networks trained on half of the tiles", [Of("staying half", test.Staying, Theme.Diverging[3].Colour), Of("adapting half", test.Adapting, Theme.Diverging[1].Colour), Of("random half", test.Random, Theme.Text)],
            new Axis("tested on domain k"), new Axis("accuracy", "%", (0, 100)), markers: true,
            caption: string.Create(CultureInfo.InvariantCulture,
                $"Over all domains: staying {Mean(test.Staying):0.0} %, adapting {Mean(test.Adapting):0.0} %, random {Mean(test.Random):0.0} %. First half of the domains minus last half, staying minus adapting: "
                + $"{test.Tilt} points over {test.Tilt.Count} networks (95 % interval). {test.Tilt.Count} networks of width {settings.Network.Width} for each half, {settings.Epochs} epochs, tested on {(settings.TestImages == 0 ? "all" : $"{settings.TestImages}")} images a domain. The run whose set it is: {RunFigures.Source(run)}"));
    }

    private static List<byte[]> Pictures(SyntheticSet set)
    {
        using var tiles = set.Tiles();
        return RunFigures.Pictures(tiles);
    }
}
