using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Matching;
using DIDD.Synthetic;

namespace DIDD.Distillation;

/// <summary>One recorded iteration; means over the classes unless said otherwise.</summary>
/// <param name="Domain">Index of the domain, from 0.</param>
/// <param name="Iteration">Index of the iteration, from 0.</param>
/// <param name="Plastic">L_plastic.</param>
/// <param name="Stable">L_stable; null at the first domain and where the rule does not need it.</param>
/// <param name="Cosines">cos(g_S,g_P) per class; null likewise.</param>
/// <param name="Alpha">Mean of ᾱ over all tiles; null where the rule has no rates.</param>
/// <param name="Beta">Mean of β̄ over all tiles; null likewise.</param>
/// <param name="Seconds">Wall-clock seconds since the domain's distillation began.</param>
/// <param name="Diagnostics">More of what happens inside; null where it was not asked for, and in old logs.</param>
public sealed record IterationRecord(
    int Domain, int Iteration, double Plastic, double? Stable, IReadOnlyList<double>? Cosines, double? Alpha, double? Beta, double Seconds, IterationDiagnostics? Diagnostics = null);

/// <summary>Distils a domain stream, one domain after the other, into a synthetic set of fixed size.</summary>
/// <param name="stream">The domains.</param>
/// <param name="ipc">Stored images per class.</param>
/// <param name="settings">Settings.</param>
/// <param name="createRule">Creates the update rule of a domain.</param>
/// <param name="randomness">Source of all draws.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
/// <param name="diagnoseEvery">Iterations from one with diagnostics to the next; the last always has them.</param>
/// <param name="metaDraw">The augmentation of the meta step.</param>
/// <param name="createObjective">Creates the objective of a domain; null for that of the settings' name, with its defaults.</param>
/// <param name="clamps">Whether the set is clamped to [0,1] at the end of a domain; the authors save, anchor and evaluate it as the last step left it (METHOD §5).</param>
public sealed class Distiller(
    DomainStream stream, int ipc, DistillationSettings settings, Func<RuleContext, UpdateRule> createRule, Randomness randomness, Device? device = null, int diagnoseEvery = 1,
    MetaDraw metaDraw = MetaDraw.New, Func<MatchingObjective>? createObjective = null, bool clamps = true)
    : Learner
{
    private readonly Device _device = device ?? CPU;
    private readonly Func<MatchingObjective> _createObjective = createObjective ?? settings.CreateObjective;
    private DistillationStep? _running;

    /// <summary>Who watches the iterations; null for nobody.</summary>
    public StepObserver? Observer { get; init; }

    /// <inheritdoc/>
    public override int Iterations { get; } = settings.Iterations * (createObjective ?? settings.CreateObjective)().StepsPerNetwork;

    /// <inheritdoc/>
    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var onDevice = previous?.To(_device);
        previous = onDevice;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var real = new RealBatches(stream.Train(domain), randomness, domain, settings.RealImages, stream.Shard.First);
        var formation = new MultiFormation(settings.Factor, stream.Shape);
        using var objective = _createObjective();
        var start = previous?.Images ?? (objective.StartsFromNoise ? Noise(domain) : formation.Mix(real.Initial(ipc * formation.Tiles).to(_device)));
        using var step = new DistillationStep(settings, start, previous?.Images, stream.Normalization, createRule, stream.Shard, objective) { Observer = Observer };
        using var diagnosis = new Diagnosis(settings.Factor, stream.Shape, _device);
        using var log = new IterationLog(domain, stream.Classes, record);
        _running = step;
        var source = new DrawSource(stream, settings, metaDraw, real, randomness, domain, _device, objective);
        objective.Begin(new MatchingDomain(
            domain, stream, previous?.Decode(), source.Network, new DiffAugment(settings.Augmentation, objective.DrawsOneOfAll), randomness, _device, cancellation));
        var context = new DomainContext(domain, previous, stream, real, source.ForImportance, randomness, _device, cancellation);
        if (previous is not null)
            step.Rule.BeginDomain(context, step);
        var (first, before) = (checkpoint?.Iteration ?? 0, checkpoint?.Seconds ?? 0);
        if (checkpoint?.State is { } kept)
        {
            step.Restore(kept);
            diagnosis.Restore(kept);
        }
        void Keep(int iteration)
        {
            log.Read();
            checkpoint!.Write(iteration, before + clock.Elapsed.TotalSeconds, state =>
            {
                step.Save(state);
                diagnosis.Save(state);
            });
        }
        for (var iteration = first; iteration < Iterations; iteration++)
        {
            if (checkpoint is not null && iteration > first && (checkpoint.IsDue || cancellation.IsCancellationRequested))
                Keep(iteration);
            cancellation.ThrowIfCancellationRequested();
            Iterate(step, objective, source, diagnosis, log, iteration, () => before + clock.Elapsed.TotalSeconds);
        }
        // What follows, up to the end of the evaluation, starts here again.
        if (checkpoint is not null && first < Iterations)
            Keep(Iterations);
        if (clamps)
            step.Images.clamp_(0, 1);
        var state = step.Rule.EndDomain(context, step);
        _running = null;
        var rates = previous is null ? null : step.Rule;
        return new SyntheticSet(step.Images.clone(), settings.Factor, rates?.Alpha?.clone(), rates?.Beta?.clone(), state: state);
    }

    private void Iterate(DistillationStep step, MatchingObjective objective, DrawSource source, Diagnosis diagnosis, IterationLog log, int iteration, Func<double> seconds)
    {
        using var scope = NewDisposeScope();
        step.Clock.Begin();
        var draws = source.At(iteration);
        using var network = draws.Network;
        var measures = step.Run(draws);
        diagnosis.Follow(measures);
        log.Add(iteration, seconds(), measures, step.Rule);
        var last = iteration == Iterations - 1;
        if (iteration % diagnoseEvery == 0 || last)
            log.Read(diagnosis.Read(measures, step.Rule, step.Clock.Seconds, asked: last));
        else if (_device.type == TorchSharp.DeviceType.CPU)
            log.Read();
        objective.EndStep(network, iteration, step.Inputs);
    }

    // Normal numbers with the mean and deviation of the pixels.
    private Tensor Noise(int domain)
    {
        using var generator = randomness.Generator(Purpose.Initialization, domain);
        var noise = randn([stream.Classes.Count, ipc, stream.Shape.Channels, stream.Shape.Height, stream.Shape.Width], generator: generator).to(_device);
        return stream.Normalization.Invert(noise).clamp(0, 1);
    }

    /// <inheritdoc/>
    public override SyntheticSet? Look() => _running is { } step ? new SyntheticSet(step.Images.clamp(0, 1), settings.Factor) : null;
}
