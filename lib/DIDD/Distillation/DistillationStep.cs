using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Matching;
using DIDD.Networks;
using DIDD.Synthetic;

namespace DIDD.Distillation;

/// <summary>What an iteration measured, on the device; [C] each unless said otherwise: the same number for every class where the objective does not keep them apart.</summary>
/// <param name="Plastic">L_plastic per class.</param>
/// <param name="Stable">L_stable per class; null at the first domain and where the rule does not need it.</param>
/// <param name="Cosine">cos(g_S,g_P) per class; null likewise.</param>
/// <param name="PlasticGradient">g_P, [C,IPC,channels,H,W].</param>
/// <param name="StableGradient">g_S, the same shape; null likewise.</param>
/// <param name="Step">Mean |ΔX| of the image optimiser over the pixels of each class.</param>
public sealed record IterationMeasures(Tensor Plastic, Tensor? Stable, Tensor? Cosine, Tensor PlasticGradient, Tensor? StableGradient, Tensor Step);

/// <summary>
/// The iteration of the paper for all classes at once (METHOD §3), over any objective: targets of real and previous images under one network and one
/// augmentation; g_P and g_S, the gradients of the loss against each; the rule; the image optimiser. It holds the state of one domain and draws nothing itself.
/// </summary>
public sealed class DistillationStep : IDisposable
{
    private const string IterationName = "step.iteration";

    private readonly MultiFormation _formation;
    private readonly Normalization? _normalization;
    private readonly DiffAugment _augment;
    private readonly MatchingObjective _objective;
    private readonly Tensor? _previous;
    private readonly ImageOptimizer _optimizer;
    private readonly StepDecay _decay;
    private readonly int _iterations;
    private int _iteration;

    /// <summary>Creates the state at the start of a domain.</summary>
    /// <param name="settings">Settings.</param>
    /// <param name="images">X, [C,IPC,channels,H,W]; copied.</param>
    /// <param name="previous">X̂_{t−1}, the same shape; null at the first domain.</param>
    /// <param name="normalization">Mean and deviation; null for none.</param>
    /// <param name="createRule">The update rule for this domain.</param>
    /// <param name="shard">Where the C classes stand among all; null where they are all.</param>
    /// <param name="objective">What is matched; it stays the caller's. Null for that of the settings' name, with its defaults.</param>
    /// <exception cref="ArgumentException">The classes are to be stepped one after another, but the objective does not keep them apart.</exception>
    public DistillationStep(
        DistillationSettings settings, Tensor images, Tensor? previous, Normalization? normalization, Func<RuleContext, UpdateRule> createRule, ClassShard? shard = null,
        MatchingObjective? objective = null)
    {
        _objective = objective ?? settings.CreateObjective();
        if (!_objective.KeepsClassesApart && settings.Schedule == Schedule.ClassSequential)
            throw new ArgumentException("the objective does not keep classes apart: all are stepped together; set the schedule to parallel", nameof(settings));
        var position = shard ?? new ClassShard(0, (int)images.shape[0]);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var shape = ImageShape.Of(images);
        Images = images.detach().clone().DetachFromDisposeScope();
        _formation = new MultiFormation(settings.Factor, shape);
        _normalization = normalization;
        _augment = new DiffAugment(settings.Augmentation, _objective.DrawsOneOfAll);
        _previous = previous is null ? null : _formation.Decode(previous).clone().DetachFromDisposeScope();
        _optimizer = new ImageOptimizer(Images, settings.LearningRate, settings.Momentum, settings.Schedule, position);
        (_decay, _iterations) = (settings.Decay, settings.Iterations * _objective.StepsPerNetwork);
        Rule = createRule(new RuleContext(
            (int)images.shape[0], (int)images.shape[1], shape, settings.Factor, settings.LearningRate, settings.Schedule, position, images.device, images.dtype, _iterations));
    }

    /// <summary>X, [C,IPC,channels,H,W]; clamped to [0,1] at the start of every iteration.</summary>
    public Tensor Images { get; }

    /// <summary>The update rule.</summary>
    public UpdateRule Rule { get; }

    /// <summary>Who watches; null for nobody.</summary>
    public StepObserver? Observer { get; init; }

    /// <summary>Seconds of the stages.</summary>
    internal StageClock Clock { get; } = new();

    /// <summary>One iteration.</summary>
    /// <returns>Its measures, in the caller's dispose scope.</returns>
    public IterationMeasures Run(IterationDraws draws)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            _optimizer.Begin();

        var stability = _previous is not null && Rule.NeedsStability;
        var targets = Targets(draws, stability, draws.Augmentation);
        Clock.End(Stage.Targets);
        var (losses, gradients) = Gradients(draws, targets);
        var (plasticLosses, plastic) = (losses[0], gradients[0]);
        var (stableLosses, stable) = stability ? (losses[1], gradients[1]) : (null, null);
        Clock.End(Stage.Gradients);

        using var noGradient = no_grad();
        var gradient = _previous is null ? plastic : Combine(new StepView(this, draws, plastic, stable), targets);
        Clock.End(Stage.Rule);
        var before = Images.clone();
        _optimizer.End(_decay == StepDecay.None ? gradient : gradient * ((1 + Math.Cos(Math.PI * _iteration / _iterations)) / 2));
        _iteration++;
        var step = (Images - before).abs().flatten(1).mean([1]);
        Clock.End(Stage.Update);
        return new IterationMeasures(
            plasticLosses.MoveToOuterDisposeScope(),
            stableLosses?.MoveToOuterDisposeScope(),
            stable is null ? null : Cosines(stable, plastic).MoveToOuterDisposeScope(),
            plastic.MoveToOuterDisposeScope(),
            stable?.MoveToOuterDisposeScope(),
            step.MoveToOuterDisposeScope());
    }

    /// <summary>Adds all that an iteration changes to a checkpoint's state: the images and their velocity, the rule's and the objective's own, and the clock.</summary>
    public void Save(IDictionary<string, Tensor> state)
    {
        state[IterationName] = tensor(_iteration);
        _optimizer.Save(state);
        Rule.Save(state);
        _objective.Save(state);
        Clock.Save(state);
    }

    /// <summary>Takes it from there, after rule and objective have begun the domain.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        _iteration = state[IterationName].item<int>();
        _optimizer.Restore(state);
        Rule.Restore(state);
        _objective.Restore(state);
        Clock.Restore(state);
    }

    /// <summary>∂(L_stable+L_plastic)/∂X' at X', [C,IPC,channels,H,W], under the meta step's augmentation; its targets may be there already.</summary>
    internal Tensor MetaGradient(Tensor lookAhead, IterationDraws draws, IReadOnlyList<IReadOnlyList<Tensor>>? firstTargets = null)
    {
        using var scope = NewDisposeScope();
        var shared = firstTargets is not null && ReferenceEquals(draws.MetaAugmentation, draws.Augmentation);
        var targets = shared ? firstTargets! : Targets(draws, stability: true, draws.MetaAugmentation);
        var (_, gradients) = Differentiate(draws.Network, lookAhead, draws.MetaAugmentation, null, targets, together: true);
        return gradients[0].MoveToOuterDisposeScope();
    }

    /// <summary>L_stable(X') + L_plastic(X') at X', [C,IPC,channels,H,W], summed over classes, under the meta step's augmentation; differentiable.</summary>
    internal Tensor MetaLoss(Tensor lookAhead, IterationDraws draws) =>
        stack([.. _objective.Losses(draws.Network, Augmented(_formation.Decode(lookAhead), draws.MetaAugmentation), Targets(draws, stability: true, draws.MetaAugmentation))]).sum();

    /// <summary>L_plastic under the first augmentation of the draws; differentiable in X.</summary>
    /// <param name="images">X, [C,IPC,channels,H,W].</param>
    /// <param name="draws">An iteration's draws.</param>
    /// <returns>[C], or one number where the objective does not keep classes apart.</returns>
    public Tensor PlasticLosses(Tensor images, IterationDraws draws) =>
        _objective.Losses(draws.Network, Augmented(_formation.Decode(images), draws.Augmentation), Targets(draws, stability: false, draws.Augmentation))[0];

    /// <summary>Features of stored images, decoded, normalised and augmented; differentiable in them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="stored">[C,n,channels,H,W], pixels in [0,1].</param>
    /// <param name="draw">The augmentation's draw.</param>
    /// <returns>[C,f²·n,d].</returns>
    public Tensor Features(Network network, Tensor stored, AugmentationDraw draw) => FeatureObjective.Features(network, Augmented(_formation.Decode(stored), draw));

    /// <summary>What a training on the present set sees, without augmentation and gradient: [C,f²·IPC,channels,H,W].</summary>
    public Tensor Inputs()
    {
        using var noGradient = no_grad();
        return Normalized(_formation.Decode(Images.clamp(0, 1)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        _previous?.Dispose();
        _optimizer.Dispose();
        Rule.Dispose();
    }

    private static Tensor Flat(Tensor images) => images.flatten(0, 1);

    private static Tensor Cosines(Tensor stable, Tensor plastic)
    {
        var (s, p) = (stable.flatten(1), plastic.flatten(1));
        return (s * p).sum(1) / (s.norm(1) * p.norm(1)).clamp_min(1e-30);
    }

    private Tensor Combine(StepView view, IReadOnlyList<Tensor>[] targets)
    {
        var update = Rule.Combine(Flat(Images), Flat(view.Plastic), view.Stable is null ? null : Flat(view.Stable), x =>
        {
            var lookAhead = x.view(Images.shape);
            var gradient = MetaGradient(lookAhead, view.Draws, targets);
            Observer?.LookedAhead(view, lookAhead, gradient);
            return Flat(gradient);
        }).view(Images.shape);
        Observer?.Combined(view, update);
        return update;
    }

    // L_plastic and, with two targets, L_stable, and their gradients, each over the tiles that the rule names.
    private (Tensor[] Losses, Tensor[] Gradients) Gradients(IterationDraws draws, IReadOnlyList<Tensor>[] targets)
    {
        var plasticTiles = _previous is null ? null : Rule.PlasticTiles;
        if (targets.Length == 1 || Rule.StableTiles is not { } stableTiles)
            return Differentiate(draws.Network, Images, draws.Augmentation, plasticTiles, targets);
        var (plasticLosses, plastic) = Differentiate(draws.Network, Images, draws.Augmentation, plasticTiles, [targets[0]]);
        var (stableLosses, stable) = Differentiate(draws.Network, Images, draws.Augmentation, stableTiles, [targets[1]]);
        return ([.. plasticLosses, .. stableLosses], [.. plastic, .. stable]);
    }

    // The losses against several targets, [C] each, and their gradients in the stored images, of each or of all together.
    private (Tensor[] Losses, Tensor[] Gradients) Differentiate(
        Network network, Tensor stored, AugmentationDraw draw, Tensor? chosen, IReadOnlyList<IReadOnlyList<Tensor>> targets, bool together = false)
    {
        using var enabled = enable_grad();
        var images = stored.detach().requires_grad_();
        var augmented = Augmented(Decoded(images, chosen), draw);
        var (losses, pulled) = _objective.Differentiate(network, augmented, targets, together);
        var gradients = pulled.Select((gradient, i) => autograd.grad([augmented], [images], [gradient], retain_graph: i + 1 < pulled.Count)[0]).ToArray();
        return ([.. losses.Select(loss => loss.expand(stored.shape[0]))], gradients);
    }

    private Tensor Decoded(Tensor stored, Tensor? chosen)
    {
        var decoded = _formation.Decode(stored);
        return chosen is null ? decoded : stack([.. Enumerable.Range(0, (int)decoded.shape[0]).Select(c => decoded[c].index_select(0, chosen[c]))]);
    }

    private Tensor Normalized(Tensor decoded) => _normalization?.Apply(decoded) ?? decoded;

    private Tensor Augmented(Tensor decoded, AugmentationDraw draw) => _augment.Apply(Normalized(decoded), draw);

    // Of real images, and where stability is asked for of previous ones, without a gradient.
    private IReadOnlyList<Tensor>[] Targets(IterationDraws draws, bool stability, AugmentationDraw draw)
    {
        using var noGradient = no_grad();
        IReadOnlyList<Tensor> Of(bool previous) => _objective.Target(draws, previous, () => Augmented(previous ? _previous! : draws.Real, draw));
        return stability ? [Of(false), Of(true)] : [Of(false)];
    }
}
