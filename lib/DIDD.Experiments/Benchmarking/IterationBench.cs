using DIDD.Reference;

namespace DIDD.Benchmarking;

/// <summary>
/// Times distillation iterations at the last domain of a spec: Finetune and the spec's rule, with a new and with a shared meta draw, and the literal
/// loop of each. Variants and the convolutions' peak take turns, so that what slows the machine down hits all alike.
/// </summary>
internal sealed class IterationBench : IDisposable
{
    private const int WarmUp = 2;

    private readonly RunSpec _spec;
    private readonly DomainStream _stream;
    private readonly Device _device;
    private readonly int _domain;
    private readonly MatchingObjective _objective;
    private readonly RealBatches _real;
    private readonly Tensor _previous;
    private readonly IReadOnlyList<Convolution> _convolutions;
    private readonly List<Variant> _variants = [];

    /// <summary>Prepares the variants: the set before starts from real images of the domain before.</summary>
    /// <exception cref="SpecException">The spec has a single domain, a rule that the literal loop does not know, or settings that it does not have.</exception>
    public IterationBench(RunSpec spec, DomainStream stream, bool withLoop, Device device)
    {
        if (!SequentialLoop.Rules.Contains(spec.Rule))
            throw new SpecException($"rule={spec.Rule}: bench times one of {string.Join(", ", SequentialLoop.Rules)}");
        if (spec.Domains < 2)
            throw new SpecException($"domains={spec.Domains}: bench times iterations after the first domain; set at least 2");
        if (Learners.Objective(spec).Need == NetworkNeed.ExpertTrajectory)
            throw new SpecException($"distillation.objective={spec.Distillation.Objective}: bench times objectives that follow no experts");
        (_spec, _stream, _device, _domain, _objective) = (spec, stream, device, spec.Domains - 1, Learners.Objective(spec));
        var randomness = new Randomness(spec.Seed);
        _real = new RealBatches(stream.Train(_domain), randomness, _domain, spec.Distillation.RealImages);
        var formation = new MultiFormation(spec.Distillation.Factor, stream.Shape);
        var before = new RealBatches(stream.Train(_domain - 1), randomness, _domain - 1, spec.Distillation.RealImages);
        using (var start = before.Initial(spec.Ipc * formation.Tiles).to(device))
            _previous = formation.Mix(start).DetachFromDisposeScope();
        _convolutions = ConvNet.Layers(spec.Distillation.Network, stream.Shape);
        foreach (var rule in new[] { "finetune", spec.Rule }.Distinct())
        {
            _variants.Add(Ours(rule, rule == "asymmetric" ? MetaDraw.New : null));
            if (rule == "asymmetric")
                _variants.Add(Ours(rule, MetaDraw.Shared));
        }
        if (withLoop)
            _variants.AddRange(_variants.Select(variant => variant.Rule).Distinct().ToList().Select(Literal));
    }

    /// <summary>Operations of the convolutions in one forward of one image.</summary>
    public double FlopsPerImage => _convolutions.Sum(layer => layer.Flops);

    /// <summary>Warms up, then times.</summary>
    /// <returns>The variants, and the convolutions' peak in 10⁹ operations per second.</returns>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded.</exception>
    public (IReadOnlyList<VariantReport> Variants, double Peak) Measure(
        int iterations, IReadOnlyDictionary<string, double> authors, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        progress?.Invoke("warms up");
        foreach (var variant in _variants)
        {
            for (var i = 0; i < WarmUp; i++)
                Time(variant, i, cancellation);
            variant.PeakBytes = Process.GetCurrentProcess().PeakWorkingSet64;
        }
        using var convolutions = new ConvolutionPeak(_convolutions, _device);
        var peaks = new List<double>();
        var timings = _variants.Select(_ => new List<Timing>()).ToList();
        for (var round = 0; round < iterations; round++)
        {
            progress?.Invoke($"iteration {round + 1} of {iterations}, {_variants.Count} variants");
            foreach (var (variant, list) in _variants.Zip(timings))
                list.Add(Time(variant, WarmUp + round, cancellation));
            peaks.Add(convolutions.Measure());
        }
        var peak = Bench.Median(peaks);
        return (Reports([.. timings.Select(list => list.OrderBy(timing => timing.Milliseconds).ElementAt((iterations - 1) / 2))], peak, authors), peak);
    }

    public void Dispose()
    {
        _variants.ForEach(variant => variant.State.Dispose());
        _previous.Dispose();
    }

    private DrawSource Draws(MetaDraw draw) => new(_stream, _spec.Distillation, draw, _real, new Randomness(_spec.Seed), _domain, _device, _objective);

    private Variant Ours(string rule, MetaDraw? draw)
    {
        var step = new DistillationStep(_spec.Distillation, _previous, _previous, _stream.Normalization, context => RuleEntry.ByName[rule].Create(_spec, context), objective: _objective);
        step.Clock.Wait = () => Bench.Wait(_device);
        var source = Draws(draw ?? MetaDraw.New);
        var log = new IterationLog(_domain, _stream.Classes, null);
        return new Variant(draw is null ? rule : $"{rule}, {(draw == MetaDraw.New ? "new" : "shared")} draw", rule, draw, false, step, iteration =>
        {
            step.Clock.Begin();
            var before = step.Clock.Seconds;
            var draws = source.At(iteration);
            using (draws.Network)
                log.Add(iteration, 0, step.Run(draws), step.Rule);
            log.Read();
            var after = step.Clock.Seconds;
            return new StageSeconds(after.Targets - before.Targets, after.Gradients - before.Gradients, after.Rule - before.Rule, after.Update - before.Update);
        });
    }

    private Variant Literal(string rule)
    {
        SequentialLoop loop;
        try
        {
            loop = new SequentialLoop(_spec.Distillation, _spec.Asymmetric, rule, _previous, _previous, _stream.Normalization);
        }
        catch (ArgumentException e)
        {
            throw new SpecException($"{e.Message.Split(" (Parameter", 2)[0]}; leave it out with --no-loop");
        }
        var source = Draws(MetaDraw.New);
        return new Variant($"literal loop, {rule}", rule, rule == "asymmetric" ? MetaDraw.New : null, true, loop, iteration =>
        {
            var draws = source.At(iteration);
            using (draws.Network)
                loop.Run(draws.Network, draws.Real, c => (draws.Augmentation.Select(c), draws.MetaAugmentation.Select(c)));
            Bench.Wait(_device);
            return null;
        });
    }

    private static Timing Time(Variant variant, int iteration, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        var stages = variant.Run(iteration);
        return new Timing(clock.Elapsed.TotalMilliseconds, stages);
    }

    private List<VariantReport> Reports(Timing[] medians, double peak, IReadOnlyDictionary<string, double> authors)
    {
        double Of(Func<Variant, bool> which) => medians[_variants.FindIndex(variant => which(variant))].Milliseconds;
        var finetune = Of(variant => variant.Rule == "finetune" && !variant.Literal);
        return [.. _variants.Zip(medians).Select(pair =>
        {
            var (variant, (milliseconds, stages)) = pair;
            var loop = variant.Literal || !_variants.Exists(v => v.Literal) ? (double?)null : Of(v => v.Literal && v.Rule == variant.Rule);
            var theirs = authors.TryGetValue(variant.Rule, out var given) ? given : (double?)null;
            var passes = RunEstimate.Passes(_spec, _stream.Classes.Count, variant.Rule, variant.MetaDraw);
            var gigaFlop = passes * FlopsPerImage / 1e9;
            return new VariantReport(
                variant.Name, variant.Rule, variant.MetaDraw, variant.Literal, milliseconds, stages is null ? null : InMilliseconds(stages, milliseconds),
                passes, gigaFlop, gigaFlop / milliseconds * 1000 / peak, variant.PeakBytes / (double)(1 << 20),
                milliseconds / finetune, loop / milliseconds, theirs, theirs / milliseconds);
        })];
    }

    private static StageMilliseconds InMilliseconds(StageSeconds s, double all) =>
        new(s.Targets * 1000, s.Gradients * 1000, s.Rule * 1000, s.Update * 1000, all - (s.Targets + s.Gradients + s.Rule + s.Update) * 1000);

    private sealed record Timing(double Milliseconds, StageSeconds? Stages);

    private sealed record Variant(string Name, string Rule, MetaDraw? MetaDraw, bool Literal, IDisposable State, Func<int, StageSeconds?> Run)
    {
        public long PeakBytes { get; set; }
    }
}
