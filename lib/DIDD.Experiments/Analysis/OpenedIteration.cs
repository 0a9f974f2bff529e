namespace DIDD.Experiments;

/// <summary>
/// One iteration of the asymmetric update with everything that it computed, in the order of METHOD §3: S, R, O and their features, L_plastic and L_stable,
/// g_P and g_S, the look-ahead X', the meta gradient by the closed form and by autograd, the rates before and after, the gradient that the images follow.
/// C classes, IPC stored images a class, f² tiles an image, m = f²·IPC, n real images a class, d features.
/// </summary>
/// <param name="Iteration">Index of the iteration, from 0.</param>
/// <param name="Normalization">How images are normalised before they are augmented.</param>
/// <param name="Images">X, the stored images where the gradients are taken, [C,IPC,channels,H,W]; momentum may carry pixels a little out of [0,1].</param>
/// <param name="Synthetic">S, X decoded, [C,m,channels,H,W].</param>
/// <param name="Real">R, real images of the domain, [C,n,channels,H,W], pixels in [0,1].</param>
/// <param name="Previous">O, X̂_{t−1} decoded, [C,m,channels,H,W], pixels in [0,1].</param>
/// <param name="Augmented">S, R and O normalised and augmented by the one draw of each class, in this order and of these shapes.</param>
/// <param name="Features">F(S), F(R) and F(O), [C,m,d], [C,n,d] and [C,m,d].</param>
/// <param name="Plastic">L_plastic, [C].</param>
/// <param name="Stable">L_stable, [C].</param>
/// <param name="PlasticGradient">g_P, [C,IPC,channels,H,W].</param>
/// <param name="StableGradient">g_S, [C,IPC,channels,H,W].</param>
/// <param name="RatesBefore">ᾱ and β̄ with which the meta step looks ahead, [2,rates]; there are C·IPC·f² of each, or C·IPC with a pair per image.</param>
/// <param name="LookAhead">X' = X − η(ᾱ·g_S + β̄·g_P), [C,IPC,channels,H,W].</param>
/// <param name="MetaGradient">G = ∂(L_stable+L_plastic)/∂X' at X', under the meta step's augmentation, [C,IPC,channels,H,W].</param>
/// <param name="ClosedForm">∂L_meta/∂(α,β) by the closed form that the rule uses, [2,rates].</param>
/// <param name="Autograd">∂L_meta/∂(α,β) by autograd through X', [2,rates]: nothing of the closed form is in it.</param>
/// <param name="RatesApplied">ᾱ and β̄ after the meta step, with which the images move, [2,rates]; in the authors' order of classes, the steps of later classes still follow.</param>
/// <param name="Update">ᾱ·g_S + β̄·g_P with <see cref="RatesApplied"/>, which the image optimiser follows, [C,IPC,channels,H,W].</param>
/// <param name="AutogradGradients">The gradients of L_plastic and of L_stable in X by torch's autograd through the features, to hold g_P and g_S against, of their shape.</param>
public sealed record OpenedIteration(
    int Iteration, Normalization Normalization, Tensor Images, Tensor Synthetic, Tensor Real, Tensor Previous, IReadOnlyList<Tensor> Augmented,
    IReadOnlyList<Tensor> Features, Tensor Plastic, Tensor Stable, Tensor PlasticGradient, Tensor StableGradient, Tensor RatesBefore, Tensor LookAhead,
    Tensor MetaGradient, Tensor ClosedForm, Tensor Autograd, Tensor RatesApplied, Tensor Update, IReadOnlyList<Tensor> AutogradGradients) : IDisposable
{
    /// <summary>‖g − autograd's‖ / ‖autograd's‖, the larger of g_P's and g_S's.</summary>
    public double GradientError => Math.Max(Error(PlasticGradient, AutogradGradients[0]), Error(StableGradient, AutogradGradients[1]));

    /// <summary>‖closed form − autograd‖ / ‖autograd‖, over all rates.</summary>
    public double MetaGradientError => Error(ClosedForm, Autograd);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[Images, Synthetic, Real, Previous, .. Augmented, .. Features, .. AutogradGradients, Plastic, Stable, PlasticGradient, StableGradient, RatesBefore, LookAhead, MetaGradient, ClosedForm, Autograd, RatesApplied, Update])
            tensor.Dispose();
    }

    internal static OpenedIteration Of(
        RunSpec spec, DomainStream stream, SyntheticSet previous, StepView view, LookAhead ahead, Tensor applied, Tensor update, int iteration, FeatureObjective objective)
    {
        using var scope = NewDisposeScope();
        var (stored, draws) = (view.Step.Images, view.Draws);
        var augment = new DiffAugment(spec.Distillation.Augmentation, objective.DrawsOneOfAll);
        var (synthetic, old) = (previous.Formation.Decode(stored), previous.Formation.Decode(previous.Images));
        List<Tensor> augmented = [.. new[] { synthetic, draws.Real, old }.Select(images => augment.Apply(stream.Normalization.Apply(images), draws.Augmentation))];
        List<Tensor> features = [.. augmented.Select(images => FeatureObjective.Features(draws.Network, images))];
        var losses = objective.Losses(draws.Network, augmented[0], [[features[1]], [features[2]]]);
        Tensor Kept(Tensor tensor) => tensor.clone().DetachFromDisposeScope();
        return new OpenedIteration(
            iteration, stream.Normalization, Kept(stored), Kept(synthetic), Kept(draws.Real), Kept(old), [.. augmented.Select(Kept)], [.. features.Select(Kept)],
            Plastic: Kept(losses[0]), Stable: Kept(losses[1]), PlasticGradient: Kept(view.Plastic), StableGradient: Kept(view.Stable!),
            RatesBefore: Kept(ahead.Rates), LookAhead: Kept(ahead.Images), MetaGradient: Kept(ahead.MetaGradient), ClosedForm: Kept(ahead.ClosedForm),
            Autograd: Kept(Differentiated(spec, view, ahead.Parameters)), RatesApplied: Kept(applied), Update: Kept(update),
            AutogradGradients: [.. Gradients(augment, objective, previous, stream, stored, features, draws).Select(Kept)]);
    }

    private static double Error(Tensor found, Tensor expected)
    {
        using var scope = NewDisposeScope();
        return ((found - expected).norm() / expected.norm()).item<float>();
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
    private static Tensor Differentiated(RunSpec spec, StepView view, Tensor parameters)
    {
        using var gradient = enable_grad();
        var (settings, images) = (spec.Asymmetric, view.Step.Images);
        var shape = ImageShape.Of(images);
        using var grid = new TileGrid(settings.PerTile ? spec.Distillation.Factor : 1, shape, images.device, images.dtype);
        var alpha = parameters[0].detach().requires_grad_();
        var beta = settings.Joint ? -alpha : parameters[1].detach().requires_grad_();
        var rates = (Stable: settings.AlphaLow + (settings.AlphaHigh - settings.AlphaLow) * alpha.sigmoid(), Plastic: settings.BetaLow + (settings.BetaHigh - settings.BetaLow) * beta.sigmoid());
        var lookAhead = images.flatten(0, 1) - spec.Distillation.LearningRate * (grid.Spread(rates.Stable) * view.Stable!.flatten(0, 1) + grid.Spread(rates.Plastic) * view.Plastic.flatten(0, 1));
        var loss = view.Step.MetaLoss(lookAhead.view(images.shape), view.Draws) + settings.AlphaPenalty * rates.Stable.mean() + settings.BetaPenalty * rates.Plastic.mean();
        var found = autograd.grad([loss], settings.Joint ? [alpha] : [alpha, beta]);
        return stack([found[0], settings.Joint ? -found[0] : found[1]]);
    }
}

/// <summary>The rule's look-ahead in an iteration: α and β, ᾱ and β̄, [2,rates]; X' and G, [C,IPC,channels,H,W]; ∂L_meta/∂(α,β) by the closed form.</summary>
internal sealed record LookAhead(Tensor Parameters, Tensor Rates, Tensor Images, Tensor MetaGradient, Tensor ClosedForm);
