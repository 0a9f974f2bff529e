using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Matching;
using DIDD.Networks;
using DIDD.Rules;
using static TorchSharp.torch;

namespace DIDD.Distillation;

/// <summary>What an iteration draws: network, real images and augmentations.</summary>
/// <param name="Network">A network with new weights.</param>
/// <param name="Real">R, [C,n,channels,H,W], pixels in [0,1].</param>
/// <param name="Augmentation">The draw under which g_P and g_S are taken.</param>
/// <param name="MetaAugmentation">The draw under which the meta loss is taken.</param>
public sealed record IterationDraws(Network Network, Tensor Real, AugmentationDraw Augmentation, AugmentationDraw MetaAugmentation);

/// <summary>What an iteration measured, on the device; [C] each unless said otherwise.</summary>
/// <param name="Plastic">L_plastic per class.</param>
/// <param name="Stable">L_stable per class; null at the first domain and where the rule does not need it.</param>
/// <param name="Cosine">cos(g_S,g_P) per class; null likewise.</param>
/// <param name="PlasticGradient">g_P, [C,IPC,channels,H,W].</param>
/// <param name="StableGradient">g_S, the same shape; null likewise.</param>
/// <param name="Step">Mean |ΔX| of the image optimiser over the pixels of each class.</param>
public sealed record IterationMeasures(Tensor Plastic, Tensor? Stable, Tensor? Cosine, Tensor PlasticGradient, Tensor? StableGradient, Tensor Step);

/// <summary>
/// The iteration of the paper for all classes at once (METHOD §3): features of real, synthetic and previous images under one network and one
/// augmentation; g_P and g_S; the rule; the image optimiser. It holds the state of one domain and draws nothing itself.
/// </summary>
public sealed class DistillationStep : IDisposable
{
    private readonly MultiFormation _formation;
    private readonly Normalization? _normalization;
    private readonly DiffAugment _augment;
    private readonly Mmd _mmd;
    private readonly Tensor? _previous;
    private readonly ImageOptimizer _optimizer;

    /// <summary>Creates the state at the start of a domain.</summary>
    /// <param name="settings">Settings.</param>
    /// <param name="images">X, [C,IPC,channels,H,W]; copied.</param>
    /// <param name="previous">X̂_{t−1}, the same shape; null at the first domain.</param>
    /// <param name="normalization">Mean and deviation; null for none.</param>
    /// <param name="createRule">The update rule for this domain.</param>
    public DistillationStep(DistillationSettings settings, Tensor images, Tensor? previous, Normalization? normalization, Func<RuleContext, UpdateRule> createRule)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var shape = new ImageShape((int)images.shape[2], (int)images.shape[3], (int)images.shape[4]);
        Images = images.detach().clone().DetachFromDisposeScope();
        _formation = new MultiFormation(settings.Factor, shape);
        _normalization = normalization;
        _augment = new DiffAugment(settings.Augmentation);
        _mmd = new Mmd(Kernel.ByName[settings.Kernel]());
        _previous = previous is null ? null : _formation.Decode(previous).clone().DetachFromDisposeScope();
        _optimizer = new ImageOptimizer(Images, settings.LearningRate, settings.Momentum, settings.Schedule);
        Rule = createRule(new RuleContext((int)images.shape[0], (int)images.shape[1], shape, settings.Factor, settings.LearningRate, settings.Schedule, images.device, images.dtype));
    }

    /// <summary>X, [C,IPC,channels,H,W]; clamped to [0,1] at the start of every iteration.</summary>
    public Tensor Images { get; }

    /// <summary>The update rule.</summary>
    public UpdateRule Rule { get; }

    /// <summary>Seconds of the stages.</summary>
    public StageClock Clock { get; } = new();

    /// <summary>One iteration.</summary>
    /// <returns>Its measures, in the caller's dispose scope.</returns>
    public IterationMeasures Run(IterationDraws draws)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            _optimizer.Begin();

        var stability = _previous is not null && Rule.NeedsStability;
        var (targets, previousTargets) = Targets(draws.Network, draws.Real, stability, draws.Augmentation);
        Clock.End(Stage.Targets);
        var images = Images.detach().requires_grad_();
        var features = Features(draws.Network, images, draws.Augmentation, _previous is null ? null : Rule.Trained);
        var plasticLosses = _mmd.Losses(features, targets);
        var stableLosses = stability ? _mmd.Losses(features, previousTargets!) : null;
        var plastic = autograd.grad([plasticLosses.sum()], [images], retain_graph: stability)[0];
        var stable = stability ? autograd.grad([stableLosses!.sum()], [images])[0] : null;
        Clock.End(Stage.Gradients);

        using var noGradient = no_grad();
        var gradient = plastic;
        if (_previous is not null)
            gradient = Rule.Combine(Flat(Images), Flat(plastic), stable is null ? null : Flat(stable), x => Flat(MetaGradient(x.view(Images.shape), draws))).view(Images.shape);
        Clock.End(Stage.Rule);
        var before = Images.clone();
        _optimizer.End(gradient);
        var step = (Images - before).abs().flatten(1).mean([1]);
        Clock.End(Stage.Update);
        return new IterationMeasures(
            plasticLosses.detach().MoveToOuterDisposeScope(),
            stableLosses?.detach().MoveToOuterDisposeScope(),
            stable is null ? null : Cosines(stable, plastic).MoveToOuterDisposeScope(),
            plastic.MoveToOuterDisposeScope(),
            stable?.MoveToOuterDisposeScope(),
            step.MoveToOuterDisposeScope());
    }

    /// <summary>∂(L_stable+L_plastic)/∂X' under the meta step's augmentation.</summary>
    /// <param name="lookAhead">X', [C,IPC,channels,H,W].</param>
    /// <param name="draws">The iteration's draws.</param>
    /// <returns>The same shape.</returns>
    public Tensor MetaGradient(Tensor lookAhead, IterationDraws draws)
    {
        using var gradient = enable_grad();
        using var scope = NewDisposeScope();
        var images = lookAhead.detach().requires_grad_();
        return autograd.grad([MetaLoss(images, draws)], [images])[0].MoveToOuterDisposeScope();
    }

    /// <summary>L_stable(X') + L_plastic(X'), summed over the classes, under the meta step's augmentation; differentiable in X'.</summary>
    /// <param name="lookAhead">X', [C,IPC,channels,H,W].</param>
    /// <param name="draws">The iteration's draws.</param>
    public Tensor MetaLoss(Tensor lookAhead, IterationDraws draws)
    {
        var (targets, previousTargets) = Targets(draws.Network, draws.Real, stability: true, draws.MetaAugmentation);
        var features = Features(draws.Network, lookAhead, draws.MetaAugmentation);
        return (_mmd.Losses(features, previousTargets!) + _mmd.Losses(features, targets)).sum();
    }

    /// <summary>L_plastic under the first augmentation of the draws; differentiable in X.</summary>
    /// <param name="images">X, [C,IPC,channels,H,W].</param>
    /// <param name="draws">An iteration's draws.</param>
    /// <returns>[C].</returns>
    public Tensor PlasticLosses(Tensor images, IterationDraws draws) =>
        _mmd.Losses(Features(draws.Network, images, draws.Augmentation), Targets(draws.Network, draws.Real, stability: false, draws.Augmentation).Real);

    /// <summary>Features of stored images, decoded, normalised and augmented; differentiable in them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="stored">[C,n,channels,H,W], pixels in [0,1].</param>
    /// <param name="draw">The augmentation's draw.</param>
    /// <param name="chosen">[C,m] indices of the decoded images of every class; null for all f²·n.</param>
    /// <returns>[C,f²·n,d], or [C,m,d].</returns>
    public Tensor Features(Network network, Tensor stored, AugmentationDraw draw, Tensor? chosen = null)
    {
        var decoded = _formation.Decode(stored);
        if (chosen is not null)
            decoded = stack([.. Enumerable.Range(0, (int)decoded.shape[0]).Select(c => decoded[c].index_select(0, chosen[c]))]);
        var augmented = Augmented(decoded, draw);
        return network.Features(augmented.flatten(0, 1)).view(augmented.shape[0], augmented.shape[1], -1);
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

    private Tensor Augmented(Tensor decoded, AugmentationDraw draw) => _augment.Apply(_normalization?.Apply(decoded) ?? decoded, draw);

    // Features of real and previous images, [C,n,d] and [C,m,d], without a gradient.
    private (Tensor Real, Tensor? Previous) Targets(Network network, Tensor real, bool stability, AugmentationDraw draw)
    {
        using var noGradient = no_grad();
        Tensor Of(Tensor images) => network.Targets(Augmented(images, draw).flatten(0, 1)).view(images.shape[0], images.shape[1], -1);
        return (Of(real), stability ? Of(_previous!) : null);
    }
}
