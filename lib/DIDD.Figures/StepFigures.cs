using DIDD.Distillation;
using DIDD.Matching;
using static System.FormattableString;
using static TorchSharp.torch;

namespace DIDD.Figures;

/// <summary>Figures of one iteration of the asymmetric update, one class at a time, and of the rates over a domain.</summary>
public static class StepFigures
{
    private const int ShownFeatures = 48, Last = 10, WidestKernel = 24;

    /// <summary>X, and S that is decoded from it: the stored image, then its tiles as training images.</summary>
    public static Figure Decoding(OpenedIteration opened, int c)
    {
        var (stored, decoded) = (RunFigures.Pictures(opened.Images[c]), RunFigures.Pictures(opened.Synthetic[c]));
        var shape = ImageShape.Of(opened.Images);
        return Plot.ImageSheet(
            $"Class {c}: what is stored, and what trains", [.. stored, .. decoded], shape.Height, shape.Width, stored.Count + decoded.Count,
            columnLabels: [.. stored.Select((_, i) => stored.Count == 1 ? "X" : $"X {i + 1}"), .. decoded.Select((_, i) => $"S {i + 1}")],
            caption: $"X is [{Size(opened.Images[c])}], S is [{Size(opened.Synthetic[c])}]: {(stored.Count == 1 ? "1 stored image" : $"{stored.Count} stored images")}, {decoded.Count} training images.");
    }

    /// <summary>S, R and O before and after the augmentation that they share; of R as many images as of S.</summary>
    public static Figure Augmentation(OpenedIteration opened, int c)
    {
        var columns = (int)opened.Synthetic.shape[1];
        var sources = new[] { opened.Synthetic, opened.Real, opened.Previous };
        var images = sources.Zip(opened.Augmented).SelectMany(pair =>
            RunFigures.Pictures(pair.First[c]).Take(columns).Concat(RunFigures.Pictures(opened.Normalization.Invert(pair.Second[c])).Take(columns)));
        var shape = ImageShape.Of(opened.Images);
        return Plot.ImageSheet(
            $"Class {c}: one draw of the augmentation for all", [.. images], shape.Height, shape.Width, columns,
            rowLabels: ["S", "S augmented", "R", "R augmented", "O", "O augmented"], scale: 2,
            caption: $"{columns} of {opened.Real.shape[1]} real images. The same shift, colours and hole for S, R and O; augmented images are shown with the normalisation taken back.");
    }

    /// <summary>Features as a heat map: a row per image of S, R and O.</summary>
    public static Figure Features(OpenedIteration opened, int c)
    {
        using var scope = NewDisposeScope();
        var (count, width) = ((int)opened.Features[0].shape[1], (int)opened.Features[0].shape[2]);
        var chosen = Enumerable.Range(0, ShownFeatures).Select(i => (long)i * width / ShownFeatures).ToArray();
        string[] names = ["S", "R", "O"];
        var rows = opened.Features.SelectMany(features =>
            features[c].narrow(0, 0, count).index_select(1, tensor(chosen)).data<float>().Select(value => (double?)value).Chunk(ShownFeatures));
        return Plot.HeatMap(
            $"Class {c}: features under the iteration's network", Plot.Matrix(rows), [.. names.SelectMany(name => Enumerable.Range(1, count).Select(i => $"{name} {i}"))],
            [.. chosen.Select((feature, i) => i % 8 == 0 ? $"{feature + 1}" : "")], "image", "feature", "F", decimals: 2, annotate: false,
            caption: $"{ShownFeatures} of d = {width} features, of {count} images each. ReLU and pooling leave them at 0 or above.");
    }

    /// <summary>The kernel matrix of S and R, whose three blocks make L_plastic.</summary>
    public static Figure KernelMatrix(OpenedIteration opened, int c)
    {
        using var scope = NewDisposeScope();
        var (ss, sr, rr) = new GaussianKernel().Matrices(opened.Features[0].narrow(0, c, 1), opened.Features[1].narrow(0, c, 1));
        var whole = cat([cat([ss[0], sr[0]], 1), cat([sr[0].t(), rr[0]], 1)], 0);
        var (synthetic, points) = ((int)ss.shape[1], (int)Math.Min(whole.shape[0], WidestKernel));
        var rows = whole.narrow(0, 0, points).narrow(1, 0, points).contiguous().data<float>().Select(value => (double?)value).Chunk(points);
        string[] labels = [.. Enumerable.Range(0, points).Select(i => i < synthetic ? $"S {i + 1}" : $"R {i - synthetic + 1}")];
        var (near, across, real) = (ss.mean().item<float>(), sr.mean().item<float>(), rr.mean().item<float>());
        return Plot.HeatMap(
            $"Class {c}: the kernel matrix of S and R", Plot.Matrix(rows), labels, labels, value: "k", decimals: 2, annotate: false,
            caption: Invariant($"mean(K_SS) − 2·mean(K_SR) + mean(K_RR) = {near:0.000} − 2·{across:0.000} + {real:0.000} = {near - 2 * across + real:0.000} = L_plastic. ")
                + Invariant($"The {points} first of {whole.shape[0]} points are shown; k is at most 5, the sum of five kernels."));
    }

    /// <summary>X of the class's first stored image, and in colours g_P, g_S, the weighted sum that is followed, and G.</summary>
    public static Figure Gradients(OpenedIteration opened, int c)
    {
        using var scope = NewDisposeScope();
        var gradients = new[] { opened.PlasticGradient, opened.StableGradient, opened.Update, opened.MetaGradient }.Select(gradient => gradient[c][0].sum([0])).ToList();
        var norms = gradients.Select(gradient => gradient.norm().item<float>()).ToList();
        var strongest = gradients.Max(gradient => gradient.abs().max().item<float>());
        var shape = ImageShape.Of(opened.Images);
        var grey = RunFigures.Pictures(opened.Images[c])[0];
        var stored = shape.Channels == 3 ? grey : [.. grey.SelectMany(value => Enumerable.Repeat(value, 3))];
        return Plot.ImageSheet(
            $"Class {c}: the gradients in the stored pixels", [stored, .. gradients.Select(gradient => Coloured(gradient / strongest))], shape.Height, shape.Width, 5,
            columnLabels: ["X", "g_P", "g_S", "ᾱ·g_S + β̄·g_P", "G at X′"],
            caption: Invariant($"Blue below 0, orange above; the ends of the scale are ±{strongest:0.000}. Norms: ‖g_P‖ = {norms[0]:0.000}, ‖g_S‖ = {norms[1]:0.000}, of their weighted sum {norms[2]:0.000}, ")
                + Invariant($"‖G‖ = {norms[3]:0.000}. The cosine of g_S and g_P is {(gradients[0] * gradients[1]).sum().item<float>() / (norms[0] * norms[1]):0.00}."));
    }

    /// <summary>The meta gradient of a class, a row per tile: closed form and autograd side by side, and what the step made of the rates.</summary>
    public static Table MetaGradient(OpenedIteration opened, int c)
    {
        var perClass = (int)(opened.RatesBefore.shape[1] / opened.Images.shape[0]);
        double[] Of(Tensor rates, int row) => [.. Values(rates[row].narrow(0, c * perClass, perClass))];
        return Table.Of(
            ("tile", Enumerable.Range(1, perClass).ToArray()),
            ("ᾱ", Of(opened.RatesBefore, 0)),
            ("∂L_meta/∂α, closed", Of(opened.ClosedForm, 0)),
            ("autograd", Of(opened.Autograd, 0)),
            ("ᾱ after", Of(opened.RatesApplied, 0)),
            ("β̄", Of(opened.RatesBefore, 1)),
            ("∂L_meta/∂β, closed", Of(opened.ClosedForm, 1)),
            ("autograd ", Of(opened.Autograd, 1)),
            ("β̄ after", Of(opened.RatesApplied, 1)))
            .WithDecimals(6).WithDecimals(4, "ᾱ", "ᾱ after", "β̄", "β̄ after")
            .WithCaption(Invariant($"Class {c}, iteration {opened.Iteration + 1}. Over all {2 * opened.ClosedForm.shape[1]} rates of all classes ‖closed form − autograd‖ / ‖autograd‖ = {opened.MetaGradientError:0.0e0}."));
    }

    /// <summary>ᾱ and β̄ of every tile of a class over the iterations.</summary>
    public static Figure Rates(DomainTrace trace, int c)
    {
        var perClass = trace.Alpha[0].Count / trace.Balance[0].Count;
        var rates = Enumerable.Range(c * perClass, perClass).ToList();
        Series Of(string name, IReadOnlyList<IReadOnlyList<double>> values, int rate) =>
            new($"{name} {rate % perClass + 1}", Iterations(trace), [.. values.Select(iteration => iteration[rate])], Colour: Theme.Colour(rate % perClass), Dashed: name == "β̄");
        double[] difference = [.. rates.Select(rate => trace.Alpha[^1][rate] - trace.Beta[^1][rate])];
        return Plot.Lines(
            $"Class {c}: the rates of its tiles", [.. rates.Select(rate => Of("ᾱ", trace.Alpha, rate)), .. rates.Select(rate => Of("β̄", trace.Beta, rate))],
            new Axis("iteration"), new Axis("rate"),
            caption: Invariant($"After {trace.Alpha.Count} iterations ᾱ − β̄ of the tiles is {string.Join(", ", difference.Select(d => Invariant($"{d:0.000}")))}. ") + Source(trace));
    }

    /// <summary>Mean ᾱ and β̄ of all tiles over the iterations, for several weights of the penalty.</summary>
    /// <param name="traces">Domains that differ in λ_α = λ_β alone.</param>
    public static Figure Penalties(params DomainTrace[] traces)
    {
        var series = traces.SelectMany((trace, i) => new[]
        {
            new Series($"ᾱ, λ = {Lambda(trace)}", Iterations(trace), [.. trace.Alpha.Select(rates => rates.Average())], Colour: Theme.Colour(i)),
            new Series($"β̄, λ = {Lambda(trace)}", Iterations(trace), [.. trace.Beta.Select(rates => rates.Average())], Colour: Theme.Colour(i), Dashed: true),
        });
        return Plot.Lines(
            "What the penalty does to the rates", [.. series], new Axis("iteration"), new Axis("mean rate over all tiles", Range: (0, 2)),
            caption: string.Join(" ", traces.Select(trace => Invariant($"λ = {Lambda(trace)}: ᾱ ends at {trace.Alpha[^1].Average():0.00}, β̄ at {trace.Beta[^1].Average():0.00}."))) + " " + Source(traces[0]));
    }

    /// <summary>A row per weight of the penalty: where the rates end, what is left to lose, and how far the set moved.</summary>
    /// <param name="previous">X̂_{t−1}, from which all start.</param>
    /// <param name="traces">Domains that differ in λ_α = λ_β alone.</param>
    public static Table PenaltyTable(SyntheticSet previous, params DomainTrace[] traces)
    {
        double Late(DomainTrace trace, Func<IterationRecord, double> measure) => trace.Records.TakeLast(Last).Average(measure);
        return Table.Of(
            ("λ", traces.Select(Lambda).ToArray()),
            ("mean ᾱ", traces.Select(trace => trace.Alpha[^1].Average()).ToArray()),
            ("least", traces.Select(trace => trace.Alpha[^1].Min()).ToArray()),
            ("most", traces.Select(trace => trace.Alpha[^1].Max()).ToArray()),
            ("mean β̄", traces.Select(trace => trace.Beta[^1].Average()).ToArray()),
            ("least ", traces.Select(trace => trace.Beta[^1].Min()).ToArray()),
            ("most ", traces.Select(trace => trace.Beta[^1].Max()).ToArray()),
            ("L_plastic", traces.Select(trace => Late(trace, record => record.Plastic)).ToArray()),
            ("L_stable", traces.Select(trace => Late(trace, record => record.Stable!.Value)).ToArray()),
            ("moved", traces.Select(trace => Moved(trace, previous)).ToArray()))
            .WithDecimals(3)
            .WithCaption(Invariant($"Rates at the end; losses over the last {Last} iterations; moved: root mean square change of the pixels, in [0,1]. ") + Source(traces[0]));
    }

    /// <summary>Root mean square change of the set's pixels over the domain, pixels in [0,1].</summary>
    /// <param name="trace">The domain.</param>
    /// <param name="previous">X̂_{t−1}.</param>
    public static double Moved(DomainTrace trace, SyntheticSet previous)
    {
        using var scope = NewDisposeScope();
        return (trace.Set.Images - previous.Images).square().mean().sqrt().item<float>();
    }

    /// <summary>The two conditions that the KKT reading has, over the iterations: balance of the weighted gradients, and slackness times ᾱ.</summary>
    public static Figure Conditions(DomainTrace trace)
    {
        Series Of(string name, IReadOnlyList<IReadOnlyList<double>> values) => new(
            name, Iterations(trace), [.. values.Select(classes => classes.Average())], [.. values.Select(classes => classes.Min())], [.. values.Select(classes => classes.Max())]);
        return Plot.Lines(
            "The conditions of the KKT reading", [Of("balance ‖ᾱ·g_S + β̄·g_P‖ / (‖ᾱ·g_S‖ + ‖β̄·g_P‖)", trace.Balance), Of("slackness ᾱ·(L_stable − ε)", trace.Slackness)],
            new Axis("iteration"), new Axis("both should be 0"),
            caption: Invariant($"Mean over the classes, and their range as a band. Over the last {Last} iterations: balance {Late(trace.Balance):0.00}, slackness {Late(trace.Slackness):0.00}; over iterations 2 to {Last + 1}: {Early(trace.Balance):0.00} and {Early(trace.Slackness):0.00}. ") + Source(trace));
    }

    /// <summary>Mean over the classes and the last ten iterations.</summary>
    /// <param name="values">[iterations][C].</param>
    public static double Late(IReadOnlyList<IReadOnlyList<double>> values) => values.TakeLast(Last).Average(classes => classes.Average());

    /// <summary>Mean over the classes and ten iterations from the second on; in the first the set is its predecessor.</summary>
    /// <param name="values">[iterations][C].</param>
    public static double Early(IReadOnlyList<IReadOnlyList<double>> values) => values.Skip(1).Take(Last).Average(classes => classes.Average());

    private static string Source(DomainTrace trace) =>
        $"Domain {trace.Domain + 1}, profile {trace.Spec.Profile}{(trace.Spec.Profile == "paper" ? "" : " (smaller than the paper's)")}: {trace.Spec.Distillation.Iterations} iterations, "
        + $"width {trace.Spec.Distillation.Network.Width}, {trace.Spec.Distillation.RealImages} real images a class; seed {trace.Spec.Seed}.";

    private static string Lambda(DomainTrace trace) => trace.Spec.Asymmetric.AlphaPenalty.ToString("0.####", CultureInfo.InvariantCulture);

    private static double[] Iterations(DomainTrace trace) => Series.Count(trace.Alpha.Count);

    private static string Size(Tensor tensor) => string.Join(", ", tensor.shape);

    // [H,W] in [−1,1] in the theme's diverging colours.
    private static byte[] Coloured(Tensor values) => [.. Values(values.flatten()).SelectMany(value =>
    {
        var place = (value + 1) / 2;
        var (low, high) = Theme.Diverging.Zip(Theme.Diverging.Skip(1)).First(pair => place <= pair.Second.Position || pair.Second.Position == 1);
        var share = (place - low.Position) / (high.Position - low.Position);
        return Enumerable.Range(0, 3).Select(i => (byte)Math.Round((1 - share) * Part(low.Colour, i) + share * Part(high.Colour, i)));
    })];

    private static byte Part(string colour, int i) => Convert.ToByte(colour[(1 + 2 * i)..(3 + 2 * i)], 16);

    private static double[] Values(Tensor tensor) => [.. tensor.contiguous().data<float>().Select(value => (double)value)];
}
