using System.Security.Cryptography;
using Newtonsoft.Json;

namespace DIDD.Figures;

/// <summary>
/// The sets of several runs side by side, played over the domains: the stored images as they change, the frame of a tile in the colour of ᾱ−β̄ where the rule has rates, and below
/// them the row of accuracies. Where no scripts run, the images change by themselves, unless the reader wants no motion.
/// </summary>
public static class SetExplorer
{
    /// <summary>Reads the sets of runs.</summary>
    /// <param name="runs">Finished runs with the sets of all domains, of one data set, at least one; the first stored image of every class is shown.</param>
    /// <exception cref="ArgumentException">There is none, or they differ in their domains or images.</exception>
    /// <exception cref="DataSetException">A run lacks the set of a domain.</exception>
    public static Widget Of(params IReadOnlyList<Run> runs)
    {
        Check.NotEmpty(runs, "run", "give one of every rule");
        var (domains, rules) = (runs[0].Domains, runs.Select(Played.Of).ToList());
        if (runs.Any(run => !run.Domains.SequenceEqual(domains)) || rules.Exists(rule => (rule.Shape, rule.Classes) != (rules[0].Shape, rules[0].Classes)))
            throw new ArgumentException("the runs differ in their domains or images; give those of one stream", nameof(runs));
        var caption = Caption(runs, rules);
        var words = rules.Select(rule => $"{rule.Name}: {rule.Last}");
        return new Widget(Render(rules, domains, caption), $"The sets of {rules.Count} rules over {domains.Count} domains\n{string.Join('\n', words)}\n{caption}\n");
    }

    private static string Caption(IReadOnlyList<Run> runs, List<Played> rules)
    {
        var rated = rules.Where(rule => rule.Most > 0).ToList();
        var frames = rated.Count == 0 ? ""
            : $" A tile's frame is blue where it adapts (ᾱ below β̄) and orange where it stays, in full colour at a difference of {string.Join(" and ", rated.Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule.Most:0.00} ({rule.Name})")))}{(rated.Count > 1 ? ", so that frames of different rules do not compare" : "")}.";
        return $"{runs[0].Spec.Dataset}: the {rules[0].Classes} stored images (IPC {runs[0].Spec.Ipc}) after every domain.{frames} "
            + $"Bars: accuracy on each domain, 0 to 100 %; faint ones have not arrived, the outlined one is the newest. {RunFigures.Source(runs)}";
    }

    private static string Render(List<Played> rules, IReadOnlyList<string> domains, string caption)
    {
        var (shape, classes) = (rules[0].Shape, rules[0].Classes);
        var data = JsonConvert.SerializeObject(new Node
        {
            ["domains"] = domains,
            ["classes"] = classes,
            ["width"] = shape.Width,
            ["height"] = shape.Height,
            ["gap"] = Plot.Gap,
            ["colours"] = Theme.DivergingScale(),
            ["rules"] = rules.Select(rule => new Node { ["most"] = rule.Most, ["rates"] = rule.Rates, ["accuracy"] = rule.Accuracy }).ToArray(),
        }).Replace("<", "\\u003c", StringComparison.Ordinal);
        var id = $"didd-explorer-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..8]}";
        var ratio = string.Create(CultureInfo.InvariantCulture, $"{classes * (shape.Width + Plot.Gap) - Plot.Gap} / {shape.Height}");
        var panels = rules.Select(rule => $"""
            <div class="rule" style="--rule: {rule.Colour}"><b>{WebUtility.HtmlEncode(rule.Name)}</b>
            <canvas role="img" aria-label="stored images of {WebUtility.HtmlEncode(rule.Name)}"></canvas>
            <div class="film" role="img" aria-label="stored images of {WebUtility.HtmlEncode(rule.Name)}, domain after domain" style="background-image: url({rule.Source})"></div>
            <div class="bars" role="img" aria-label="accuracy on each domain">{string.Concat(domains.Select(_ => "<i></i>"))}</div>
            <span class="numbers">{WebUtility.HtmlEncode(rule.Last)}</span></div>
            """);
        return $"""
            <figure class="didd-explorer" id="{id}" style="--ratio: {ratio}; --steps: {domains.Count}">
            <style>
            {Widget.Resource("set-explorer.css")}</style>
            <div class="rules">
            {string.Join('\n', panels)}
            </div>
            <div class="controls"><button type="button">▶ play</button><input type="range" min="1" max="{domains.Count}" value="{domains.Count}" aria-label="domain"><span class="now" aria-live="polite"></span></div>
            <figcaption>{WebUtility.HtmlEncode(caption)}</figcaption>
            </figure>
            <script>
            {Widget.Resource("set-explorer.js").TrimEnd()}(document.getElementById("{id}"), {data});
            </script>
            """.ReplaceLineEndings("\n");
    }

    /// <summary>One run: a sheet of images, a row per domain and a column per class; ᾱ−β̄ of the tiles, and accuracies, a row per domain.</summary>
    internal sealed record Played(string Name, string Colour, List<byte[]> Images, string Source, double[][] Rates, double[][] Accuracy, ImageShape Shape, int Classes)
    {
        public double Most => Rates.SelectMany(rates => rates).Select(Math.Abs).DefaultIfEmpty(0).Max();

        public string Last => string.Create(CultureInfo.InvariantCulture, $"mean at the end {Accuracy[^1].Average():0} %, domain 1: {Accuracy[^1][0]:0} %");

        public static Played Of(Run run)
        {
            var (images, rates) = (new List<byte[]>(), new List<double[]>());
            var (shape, classes) = (new ImageShape(1, 1, 1), 0);
            for (var t = 0; t < run.Domains.Count; t++)
            {
                using var set = run.Set(t);
                if (classes > 0 && classes != set.Classes)
                    throw new ArgumentException($"the sets of {run.Spec.Name} have {classes} and then {set.Classes} classes; give runs whose classes are all there from the first domain on", nameof(run));
                (shape, classes) = (set.Shape, set.Classes);
                images.AddRange(RunFigures.Pictures(set.Images).Where((_, i) => i % set.Ipc == 0));
                rates.Add(set is { Alpha: { } alpha, Beta: { } beta } ? FirstImages((alpha - beta).data<float>().ToArray(), set.Ipc, classes) : []);
            }
            var png = Plot.EncodeSheet(images, shape.Height, shape.Width, shape.Channels, classes, run.Domains.Count);
            return new Played(
                RunFigures.RuleName(run), Theme.Rule(run.Spec.Rule), images, $"data:image/png;base64,{Convert.ToBase64String(png)}", [.. rates],
                [.. run.Accuracy.Rows.Select(row => row.Select(accuracy => Math.Round(accuracy ?? 0, 1)).ToArray())], shape, classes);
        }

        // Of [C·IPC·tiles] those of the first image of every class.
        private static double[] FirstImages(float[] values, int ipc, int classes) =>
            [.. values.Chunk(values.Length / (classes * ipc)).Where((_, i) => i % ipc == 0).SelectMany(tiles => tiles).Select(value => Math.Round(value, 3))];
    }
}
