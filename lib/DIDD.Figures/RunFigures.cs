using DIDD.Distillation;
using static System.FormattableString;
using static TorchSharp.torch;

namespace DIDD.Figures;

/// <summary>The figures of domain streams and runs. Every caption states what the figure shows in numbers, and where these come from.</summary>
public static class RunFigures
{
    /// <summary>One training image of every class in every domain: a row per domain.</summary>
    public static Figure Domains(DomainStream stream)
    {
        using var scope = NewDisposeScope();
        var images = Enumerable.Range(0, stream.Domains.Count).SelectMany(t =>
        {
            var set = stream.Train(t);
            var present = stream.ClassesAt(t).ToList();
            var first = Pictures(set.Images(tensor([.. present.Select(c => set.ByClass[c][0])])).cpu().contiguous().data<byte>().ToArray(), stream.Shape).ToList();
            return Enumerable.Range(0, stream.Classes.Count).Select(c => present.IndexOf(c) is >= 0 and var place ? first[place] : new byte[first[0].Length]);
        });
        return Plot.ImageSheet(
            $"{stream.Name}: an image of every class in {stream.Domains.Count} domains", [.. images], stream.Shape.Height, stream.Shape.Width, stream.Classes.Count,
            rowLabels: [.. stream.Domains.Select((name, t) => $"{t + 1}: {name}")], columnLabels: stream.Classes, rowTitle: "domain", columnTitle: "class",
            caption: $"{stream.Provenance}. {Counts(t => stream.Train(t).Count)} training and {Counts(t => stream.Test(t).Count)} test images in each domain.");

        string Counts(Func<int, long> count)
        {
            var counts = Enumerable.Range(0, stream.Domains.Count).Select(count).ToList();
            return counts.Min() == counts.Max() ? Invariant($"{counts[0]:N0}") : Invariant($"{counts.Min():N0} to {counts.Max():N0}");
        }
    }

    /// <summary>The accuracy matrix A[t,k] as a heat map; domains not yet seen (k &gt; t) are measured too by the clean protocol.</summary>
    public static Figure Accuracy(Run run)
    {
        var matrix = run.Accuracy;
        var forgotten = matrix.Rows.Count < 2 ? "" : $" Domain 1 goes from {Percent(matrix[0, 0])} to {Percent(matrix[matrix.Rows.Count - 1, 0])}.";
        return Plot.HeatMap(
            $"{RuleName(run)}: accuracy after each domain", Plot.Matrix(matrix.Rows), [.. After(run)], Plot.Numbered(matrix.Domains), "after domain t", "tested on domain k", "accuracy", "%", (0, 100),
            caption: $"A_T = {Percent(matrix.Average)}, F_T = {Percent(matrix.Forgetting)}.{forgotten} {Source(run)}");
    }

    /// <summary>Accuracy on every domain after the last one, a line per rule: who forgot what. Of runs that differ in their seed alone the mean, with its 95 % interval as a band.</summary>
    public static Figure Retained(params Run[] runs)
    {
        var rules = runs.GroupBy(run => (run.Spec with { Seed = 0 }).Hash).Select(seeds => (
            Name: RuleName(seeds.First()), Colour: Theme.Rule(seeds.First().Spec.Rule),
            Means: Enumerable.Range(0, seeds.First().Accuracy.Domains).Select(k => MeanInterval.Of([.. seeds.Select(run => run.Accuracy.Rows[^1][k] ?? double.NaN)])).ToList())).ToList();
        return Plot.Lines(
            "What is left after the last domain", [.. rules.Select(rule => Series.Of(rule.Name, rule.Means, rule.Colour))], new Axis("tested on domain k"), new Axis("accuracy", "%", (0, 100)), markers: true,
            caption: $"On domain 1: {string.Join(", ", rules.Select(rule => $"{rule.Name} {rule.Means[0]} %"))}. On the last domain: {string.Join(", ", rules.Select(rule => $"{rule.Name} {rule.Means[^1]} %"))}. "
                + (rules.Exists(rule => rule.Means[0].HalfWidth is not null) ? "Lines are means over seeds, bands their 95 % intervals. " : "") + Source(runs));
    }

    /// <summary>The synthetic set after each domain, with a slider over the domains, or without one where there is a single set: a column per class.</summary>
    public static Figure Sets(Run run)
    {
        var title = $"{RuleName(run)}: the synthetic set";
        var caption = $"{Stored(run.Spec.Ipc)} per class, each a mosaic of {run.Spec.Distillation.Factor}×{run.Spec.Distillation.Factor} tiles; "
            + $"{(run.Budget == 1 ? "the size stays the same" : "every domain adds as many, and the newest are shown")} over all {run.Accuracy.Domains} domains. {Source(run)}";
        using var last = run.Set(run.Accuracy.Seen(run.Accuracy.Rows.Count - 1) - 1);
        string[] classes = [.. Enumerable.Range(0, last.Classes).Select(c => $"{c}")];
        var steps = After(run).Select(domain =>
        {
            using var set = run.Set(int.Parse(domain, CultureInfo.InvariantCulture) - 1);
            return new SliderStep(domain, Sheet(title, set, run.Spec.Ipc, classes, caption));
        }).ToList();
        return steps.Count == 1 ? steps[0].Figure : Plot.Slider(title, steps, "after domain ", caption);
    }

    /// <summary>The stored images of one set, a column per class; the caption ends with where the set comes from.</summary>
    public static Figure Set(SyntheticSet set, IReadOnlyList<string> classes, string caption) => Sheet(
        "The synthetic set", set, set.Ipc, classes,
        $"{Stored(set.Ipc)} per class, each a mosaic of {set.Formation.Factor}×{set.Formation.Factor} tiles. {caption}");

    // The newest stored images of every class, a column each; black where a class has not arrived.
    private static Figure Sheet(string title, SyntheticSet set, int newest, IReadOnlyList<string> classes, string caption)
    {
        var pictures = Pictures(set.Images);
        var byImage = Enumerable.Range(set.Ipc - newest, newest).SelectMany(i => classes.Select((_, c) => c < set.Classes ? pictures[c * set.Ipc + i] : new byte[pictures[0].Length]));
        return Plot.ImageSheet(title, [.. byImage], set.Shape.Height, set.Shape.Width, classes.Count, columnLabels: classes, columnTitle: "class", caption: caption);
    }

    /// <summary>
    /// cos(g_S,g_P) over the iterations, as the mean over the classes: a line per domain, with the range of the classes as a band; of more domains than
    /// colours tell apart the first, the last, and the mean of all with their range as a band.
    /// </summary>
    public static Figure Cosines(Run run)
    {
        var records = WithCosines(run);
        var domains = records.GroupBy(record => record.Domain).ToList();
        Series Of(IGrouping<int, IterationRecord> domain, bool band, string? colour = null, bool dashed = false) => new(
            $"domain {domain.Key + 1}",
            [.. domain.Select(record => (double)record.Iteration + 1)],
            [.. domain.Select(record => record.Cosines!.Average())],
            band ? [.. domain.Select(record => record.Cosines!.Min())] : null,
            band ? [.. domain.Select(record => record.Cosines!.Max())] : null, Colour: colour, Dashed: dashed);
        var iterations = records.GroupBy(record => record.Iteration).OrderBy(iteration => iteration.Key).Select(iteration => (
            Number: iteration.Key + 1.0, Means: iteration.Select(record => record.Cosines!.Average()).ToList())).ToList();
        List<Series> series = domains.Count <= 4 ? [.. domains.Select(domain => Of(domain, band: true))] :
        [
            new($"mean of {domains.Count} domains", [.. iterations.Select(each => each.Number)], [.. iterations.Select(each => each.Means.Average())],
                [.. iterations.Select(each => each.Means.Min())], [.. iterations.Select(each => each.Means.Max())], Colour: Theme.Rule(run.Spec.Rule)),
            Of(domains[0], band: false, Theme.Text),
            Of(domains[^1], band: false, Theme.Text, dashed: true),
        ];
        return Plot.Lines(
            $"{RuleName(run)}: do stability and plasticity pull together?", series, new Axis("iteration"), new Axis("cos(g_S, g_P), mean over classes", Range: (-1, 1)),
            caption: $"{GradientConflict.Of(run)} {(domains.Count <= 4 ? "Bands: the range of the classes." : "Band: the range of the domains.")} {Source(run)}");
    }

    /// <summary>The distribution of cos(g_S,g_P) over all classes and iterations, a sample per run.</summary>
    public static Figure CosineDistribution(params Run[] runs) => Plot.Histogram(
        "cos(g_S, g_P) over classes, iterations and domains", [.. runs.Select(run => new Sample(RuleName(run), [.. WithCosines(run).SelectMany(record => record.Cosines!)], Theme.Rule(run.Spec.Rule)))],
        new Axis("cos(g_S, g_P)", Range: (-1, 1)), share: true,
        caption: $"A cosine per class and recorded iteration of the domains after the first; 5–95 % is the range of the single values. {string.Join(" ", runs.Select(run => $"{RuleName(run)}: {GradientConflict.Of(run)}"))} {Source(runs)}");

    /// <summary>Mean cos(g_S,g_P) by class (columns) and domain (rows) as a heat map.</summary>
    public static Figure CosinesByClass(Run run)
    {
        var domains = WithCosines(run).GroupBy(record => record.Domain).ToList();
        var classes = domains[0].First().Cosines!.Count;
        var cells = domains.SelectMany(domain => Enumerable.Range(0, classes)
            .Select(c => (Value: domain.Average(record => record.Cosines![c]), Domain: domain.Key + 1, Class: c))).ToList();
        var (least, most) = (cells.MinBy(cell => cell.Value), cells.MaxBy(cell => cell.Value));
        return Plot.HeatMap(
            $"{RuleName(run)}: mean cos(g_S, g_P) by domain and class", Plot.Matrix(cells.Select(cell => (double?)cell.Value).Chunk(classes)), [.. domains.Select(domain => $"{domain.Key + 1}")], [.. Enumerable.Range(0, classes).Select(c => $"{c}")],
            "domain t", "class", "cosine", diverging: true, decimals: 2,
            caption: Invariant($"Least {least.Value:0.00} (domain {least.Domain}, class {least.Class}), most {most.Value:0.00} (domain {most.Domain}, class {most.Class}). {Source(run)}"));
    }

    /// <summary>Mean ᾱ (stability) and β̄ (plasticity) over the iterations of all domains after the first.</summary>
    public static Figure Rates(Run run)
    {
        var records = run.Log().Where(record => record.Alpha is not null).ToList();
        if (records.Count == 0)
            throw new ArgumentException($"the run {run.Spec.Name} has no rates; take one of the rule asymmetric with at least two domains", nameof(run));
        var iterations = run.Spec.Distillation.Iterations;
        double[] x = [.. records.Select(record => record.Domain + (record.Iteration + 1.0) / iterations)];
        return Plot.Lines(
            "The rates move",
            [
                new Series("ᾱ, stability", x, [.. records.Select(record => record.Alpha!.Value)], Colour: Theme.Rule(run.Spec.Rule)),
                new Series("β̄, plasticity", x, [.. records.Select(record => record.Beta!.Value)], Colour: Theme.Rule(run.Spec.Rule), Dashed: true),
            ],
            new Axis("domains done"), new Axis("mean rate over all tiles", Range: (0, 2)),
            caption: Invariant($"Both start every domain at 1. At the end of the last one ᾱ = {records[^1].Alpha:0.00} and β̄ = {records[^1].Beta:0.00}. {Source(run)}"));
    }

    /// <summary>How the rule of a run is called in figures, with the objective where it is not M3D.</summary>
    public static string RuleName(Run run)
    {
        var objective = run.Spec.Distillation.Objective;
        return objective == "m3d" ? RuleName(run.Spec.Rule) : $"{RuleName(run.Spec.Rule)} ({objective.ToUpperInvariant()})";
    }

    /// <summary>How a rule is called in figures.</summary>
    /// <param name="rule">One of <see cref="Learners.Names"/>.</param>
    public static string RuleName(string rule) => Learners.Title(rule);

    /// <summary>
    /// A_T of one setting, a group of bars per rule: outlines for what the paper publishes, at its size; filled bars for what was measured, with intervals over the seeds and the size
    /// in the legend. Where the paper has quarters of the domains alone (its ablation), their mean.
    /// </summary>
    /// <param name="dataset">Data set.</param>
    /// <param name="ipc">Stored images per class.</param>
    /// <param name="rows">What was measured; other settings are passed over, as are ablations, and runs of the profile smoke or with another number of domains than the paper's.</param>
    /// <exception cref="ArgumentException">Neither the paper nor the rows have such a setting.</exception>
    public static Figure AgainstThePaper(string dataset, int ipc, IReadOnlyList<ReportRow> rows)
    {
        var measured = rows.Where(row => row.Spec.Dataset == dataset && row.Spec.Ipc == ipc && row.Spec.Profile != "smoke" && !ResultTables.IsAblation(row)
            && (PublishedResults.Domains(dataset) is null || row.ComparesWithThePaper)).ToList();
        var rules = Learners.Names.Where(rule => Published(dataset, ipc, rule) is not null || measured.Exists(row => row.Spec.Rule == rule)).ToList();
        if (rules.Count == 0)
            throw new ArgumentException($"neither the paper nor these rows have {dataset} at IPC {ipc}; the paper has {string.Join(", ", PublishedResults.Settings.Select(s => $"{s.Dataset} at {s.Ipc}"))}", nameof(dataset));
        string[] colours = [.. rules.Select(Theme.Rule)];
        var bars = new List<BarGroup>();
        if (rules.Exists(rule => Published(dataset, ipc, rule) is not null))
            bars.Add(new("paper, its size, three runs", [.. rules.Select(rule => Published(dataset, ipc, rule) ?? double.NaN)], [.. rules.Select(_ => double.NaN)], colours, Hollow: true));
        // Of several settings of a rule the one that most rules were run with.
        string Setting(ReportRow row) => $"{row.Spec.Profile} size{string.Concat(row.Changes.Select(change => $", {change}"))}";
        var settings = measured.GroupBy(Setting).OrderByDescending(group => group.Count()).ToList();
        var shown = new List<ReportRow>();
        foreach (var profile in measured.Select(row => row.Spec.Profile).Distinct())
        {
            var row = rules.Select(rule => settings.SelectMany(group => group).FirstOrDefault(each => each.Spec.Profile == profile && each.Spec.Rule == rule)).ToList();
            shown.AddRange(row.OfType<ReportRow>());
            bars.Add(new(
                $"measured, {settings.First(group => group.First().Spec.Profile == profile).Key}{(profile == "paper" ? "" : " (smaller)")}",
                [.. row.Select(each => each?.Average.Mean ?? double.NaN)], [.. row.Select(each => each?.Average.HalfWidth ?? double.NaN)], colours));
        }
        var beside = shown.Where(row => Published(dataset, ipc, row.Spec.Rule) is not null)
            .Select(row => Invariant($"{RuleName(row.Spec.Rule)} ({row.Spec.Profile}) {row.Average.Mean - Published(dataset, ipc, row.Spec.Rule)!.Value:+0.0;−0.0}")).ToList();
        // Of one size: bars of different ones are not held against each other.
        var most = shown.GroupBy(row => row.Spec.Profile).MaxBy(rows => rows.Count())?.Key;
        var best = shown.Where(row => row.Spec.Profile == most && !row.Spec.Rule.StartsWith("joint", StringComparison.Ordinal) && row.Runs.Max(run => run.Budget) == 1).MaxBy(row => row.Average.Mean);
        return Plot.Bars(
            $"{dataset}, IPC {ipc}: A_T, published and measured", [.. rules.Select(RuleName)], bars, new Axis("A_T", "%", (0, 100)), "rule",
            caption: (beside.Count == 0 ? "The paper has no A_T for what was measured here." : $"Outlines are the paper's, at its own size. Measured minus paper, points: {string.Join(", ", beside)}.")
                + (best is null ? "" : $" Highest bar of a stream at {most} size, in the fixed budget: {RuleName(best.Spec.Rule)}, {best.Average} %.")
                + (shown.Count == 0 ? "" : $" Measured at size {Sizes(shown.Select(row => row.Spec.Profile))}; error bars are 95 % intervals over seeds."));
    }

    private static double? Published(string dataset, int ipc, string rule) => PublishedResults.Of(dataset, ipc, rule)?.Average
        ?? ((dataset, ipc) == PublishedResults.AblationSetting && PublishedResults.Ablation.TryGetValue(rule, out var quarters) ? quarters.Average() : null);

    /// <summary>Which runs a figure shows: size and seeds, and which of them store more than the fixed budget. For captions; <see cref="RunTables.Sources"/> says the rest once.</summary>
    /// <param name="runs">At least one.</param>
    public static string Source(params IReadOnlyList<Run> runs)
    {
        Check.NotEmpty(runs, "run", "give the figure's");
        var seeds = runs.Select(run => run.Spec.Seed).Distinct().Order().ToList();
        return $"Size {Sizes(runs.Select(run => run.Spec.Profile))}; {(seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}."
            + string.Concat(runs.Where(each => each.Budget > 1).Select(each => $" {RuleName(each)} stores {each.Budget} times as many images as the fixed budget."));
    }

    /// <summary>The sizes of runs, and which of them are smaller than the paper's.</summary>
    /// <param name="profiles">A profile per run.</param>
    internal static string Sizes(IEnumerable<string> profiles)
    {
        var all = profiles.Distinct().ToList();
        return all is ["paper"] ? "paper" : $"{string.Join(" and ", all)}, {(all.Contains("paper") ? $"of which {string.Join(" and ", all.Where(profile => profile != "paper"))} is " : "")}smaller than the paper's";
    }

    /// <summary>The path of a recorded run from the notebook's folder; null for a run that is not kept beside the code.</summary>
    internal static string? Address(Run run)
    {
        if (!RunStore.IsRecorded(run))
            return null;
        var path = Path.GetRelativePath(Environment.CurrentDirectory, run.Folder).Replace('\\', '/');
        return path.StartsWith('.') ? path : $"./{path}";
    }

    private static string Stored(int count) => count == 1 ? "1 stored image" : $"{count} stored images";

    internal static IReadOnlyList<IterationRecord> WithCosines(Run run)
    {
        var records = run.WithCosines();
        return records.Count > 0 ? records : throw new ArgumentException($"the run {run.Spec.Name} has no cosines; take one of a rule with L_stable, and at least two domains and iterations", nameof(run));
    }

    // […,channels,H,W], pixels in [0,1] or nearly, as Plot.ImageSheet takes them.
    internal static List<byte[]> Pictures(Tensor images)
    {
        using var scope = NewDisposeScope();
        var bytes = (images.detach().clamp(0, 1) * 255).round().to(ScalarType.Byte).cpu().contiguous();
        return [.. Pictures(bytes.data<byte>().ToArray(), ImageShape.Of(images))];
    }

    // Planes of 8-bit images likewise.
    internal static IEnumerable<byte[]> Pictures(byte[] planes, ImageShape shape)
    {
        var area = shape.Height * shape.Width;
        return planes.Chunk(shape.Channels * area).Select(image => shape.Channels == 1
            ? image
            : [.. Enumerable.Range(0, area).SelectMany(pixel => Enumerable.Range(0, shape.Channels).Select(channel => image[channel * area + pixel]))]);
    }

    // The domains after which there is a row, from 1.
    private static IEnumerable<string> After(Run run) =>
        Enumerable.Range(0, run.Accuracy.Rows.Count).Select(t => run.Accuracy.Seen(t).ToString(CultureInfo.InvariantCulture));

    private static string Percent(double? value) => value is null ? "–" : Invariant($"{value:0.0} %");
}
