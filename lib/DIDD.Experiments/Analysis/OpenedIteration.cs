using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Matching;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>
/// One iteration of the asymmetric update with everything that it computed, in the order of METHOD §3: S, R, O and their features, L_plastic and L_stable,
/// g_P and g_S, the look-ahead X', the meta gradient by the closed form and by autograd, the rates before and after, the gradient that the images follow.
/// C classes, IPC stored images a class, f² tiles an image, m = f²·IPC, n real images a class, d features.
/// </summary>
public sealed class OpenedIteration : IDisposable
{
    private OpenedIteration()
    {
    }

    /// <summary>Index of the iteration, from 0.</summary>
    public required int Iteration { get; init; }

    /// <summary>How images are normalised before they are augmented.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>X, the stored images where the gradients are taken, [C,IPC,channels,H,W]; momentum may carry pixels a little out of [0,1].</summary>
    public required Tensor Images { get; init; }

    /// <summary>S, X decoded, [C,m,channels,H,W].</summary>
    public required Tensor Synthetic { get; init; }

    /// <summary>R, real images of the domain, [C,n,channels,H,W], pixels in [0,1].</summary>
    public required Tensor Real { get; init; }

    /// <summary>O, X̂_{t−1} decoded, [C,m,channels,H,W], pixels in [0,1].</summary>
    public required Tensor Previous { get; init; }

    /// <summary>S, R and O normalised and augmented by the one draw of each class, in this order and of these shapes.</summary>
    public required IReadOnlyList<Tensor> Augmented { get; init; }

    /// <summary>F(S), F(R) and F(O), [C,m,d], [C,n,d] and [C,m,d].</summary>
    public required IReadOnlyList<Tensor> Features { get; init; }

    /// <summary>L_plastic, [C].</summary>
    public required Tensor Plastic { get; init; }

    /// <summary>L_stable, [C].</summary>
    public required Tensor Stable { get; init; }

    /// <summary>g_P, [C,IPC,channels,H,W].</summary>
    public required Tensor PlasticGradient { get; init; }

    /// <summary>g_S, [C,IPC,channels,H,W].</summary>
    public required Tensor StableGradient { get; init; }

    /// <summary>ᾱ and β̄ with which the meta step looks ahead, [2,rates]; there are C·IPC·f² of each, or C·IPC with a pair per image.</summary>
    public required Tensor RatesBefore { get; init; }

    /// <summary>X' = X − η(ᾱ·g_S + β̄·g_P), [C,IPC,channels,H,W].</summary>
    public required Tensor LookAhead { get; init; }

    /// <summary>G = ∂(L_stable+L_plastic)/∂X' at X', under the meta step's augmentation, [C,IPC,channels,H,W].</summary>
    public required Tensor MetaGradient { get; init; }

    /// <summary>∂L_meta/∂(α,β) by the closed form that the rule uses, [2,rates].</summary>
    public required Tensor ClosedForm { get; init; }

    /// <summary>∂L_meta/∂(α,β) by autograd through X', [2,rates]: nothing of the closed form is in it.</summary>
    public required Tensor Autograd { get; init; }

    /// <summary>ᾱ and β̄ after the meta step, with which the images move, [2,rates]; in the authors' order of classes, the steps of later classes still follow.</summary>
    public required Tensor RatesApplied { get; init; }

    /// <summary>ᾱ·g_S + β̄·g_P with <see cref="RatesApplied"/>, which the image optimiser follows, [C,IPC,channels,H,W].</summary>
    public required Tensor Update { get; init; }

    /// <summary>The gradients of L_plastic and of L_stable in X by torch's autograd through the features, to hold g_P and g_S against, of their shape.</summary>
    public required IReadOnlyList<Tensor> AutogradGradients { get; init; }

    /// <summary>‖g − autograd's‖ / ‖autograd's‖, the larger of g_P's and g_S's.</summary>
    public double GradientError
    {
        get
        {
            using var scope = NewDisposeScope();
            return new[] { PlasticGradient, StableGradient }.Zip(AutogradGradients, (found, expected) => ((found - expected).norm() / expected.norm()).item<float>()).Max();
        }
    }

    /// <summary>‖closed form − autograd‖ / ‖autograd‖, over all rates.</summary>
    public double MetaGradientError
    {
        get
        {
            using var scope = NewDisposeScope();
            return ((ClosedForm - Autograd).norm() / Autograd.norm()).item<float>();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[Images, Synthetic, Real, Previous, .. Augmented, .. Features, .. AutogradGradients, Plastic, Stable, PlasticGradient, StableGradient, RatesBefore, LookAhead, MetaGradient, ClosedForm, Autograd, RatesApplied, Update])
            tensor.Dispose();
    }

    internal static OpenedIteration Of(RunSpec spec, DomainStream stream, SyntheticSet previous, RuleCall call, IterationDraws draws, int iteration, FeatureObjective objective)
    {
        using var scope = NewDisposeScope();
        using var network = draws.Network;
        using var noGradient = no_grad();
        Tensor Stored(Tensor flat) => flat.view(previous.Images.shape);
        var stored = Stored(call.Images);
        using var step = new DistillationStep(spec.Distillation, stored, previous.Images, stream.Normalization, _ => new Rules.SymmetricRule(), objective: objective);
        var augment = new DiffAugment(spec.Distillation.Augmentation, objective.DrawsOneOfAll);
        var (synthetic, old) = (previous.Formation.Decode(stored), previous.Formation.Decode(previous.Images));
        List<Tensor> augmented = [.. new[] { synthetic, draws.Real, old }.Select(images => augment.Apply(stream.Normalization.Apply(images), draws.Augmentation))];
        List<Tensor> features = [.. augmented.Select(images => FeatureObjective.Features(network, images))];
        var losses = objective.Losses(network, augmented[0], [[features[1]], [features[2]]]);
        Tensor Kept(Tensor tensor) => tensor.clone().DetachFromDisposeScope();
        return new OpenedIteration
        {
            Iteration = iteration,
            Normalization = stream.Normalization,
            Images = Kept(stored),
            Synthetic = Kept(synthetic),
            Real = Kept(draws.Real),
            Previous = Kept(old),
            Augmented = [.. augmented.Select(Kept)],
            Features = [.. features.Select(Kept)],
            Plastic = Kept(losses[0]),
            Stable = Kept(losses[1]),
            PlasticGradient = Kept(Stored(call.Plastic)),
            StableGradient = Kept(Stored(call.Stable)),
            AutogradGradients = [.. Gradients(augment, objective, previous, stream, stored, features, draws).Select(Kept)],
            RatesBefore = Kept(stack([call.AlphaBefore, call.BetaBefore])),
            LookAhead = Kept(Stored(call.LookAhead)),
            MetaGradient = Kept(Stored(call.MetaGradient)),
            ClosedForm = Kept(call.ClosedForm),
            Autograd = Kept(Differentiated(spec, step, call, draws)),
            RatesApplied = Kept(call.Applied),
            Update = Kept(Stored(call.Update)),
        };
    }

    private static List<Tensor> Gradients(
        DiffAugment augment, FeatureObjective objective, SyntheticSet previous, DomainStream stream, Tensor stored, List<Tensor> features, IterationDraws draws)
    {
        using var gradient = enable_grad();
        var images = stored.detach().requires_grad_();
        var seen = augment.Apply(stream.Normalization.Apply(previous.Formation.Decode(images)), draws.Augmentation);
        return [.. features.Skip(1).Select(target => autograd.grad([objective.Losses(draws.Network, seen, [[target]])[0].sum()], [images], retain_graph: true)[0])];
    }

    // L_meta as the paper writes it, a function of α and β through X', differentiated by torch.
    private static Tensor Differentiated(RunSpec spec, DistillationStep step, RuleCall call, IterationDraws draws)
    {
        using var gradient = enable_grad();
        var settings = spec.Asymmetric;
        var shape = new ImageShape((int)call.Images.shape[1], (int)call.Images.shape[2], (int)call.Images.shape[3]);
        using var grid = new TileGrid(settings.PerTile ? spec.Distillation.Factor : 1, shape, call.Images.device, call.Images.dtype);
        var alpha = call.Parameters[0].detach().requires_grad_();
        var beta = settings.Joint ? -alpha : call.Parameters[1].detach().requires_grad_();
        var rates = (Stable: settings.AlphaLow + (settings.AlphaHigh - settings.AlphaLow) * alpha.sigmoid(), Plastic: settings.BetaLow + (settings.BetaHigh - settings.BetaLow) * beta.sigmoid());
        var lookAhead = call.Images - spec.Distillation.LearningRate * (grid.Spread(rates.Stable) * call.Stable + grid.Spread(rates.Plastic) * call.Plastic);
        var loss = step.MetaLoss(lookAhead.view(step.Images.shape), draws) + settings.AlphaPenalty * rates.Stable.mean() + settings.BetaPenalty * rates.Plastic.mean();
        var found = autograd.grad([loss], settings.Joint ? [alpha] : [alpha, beta]);
        return stack([found[0], settings.Joint ? -found[0] : found[1]]);
    }
}
