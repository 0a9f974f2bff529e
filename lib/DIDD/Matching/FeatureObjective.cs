using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>Matches distributions of features under networks with new random weights, class by class.</summary>
/// <param name="precision">In what features that take no gradient are computed.</param>
public abstract class FeatureObjective(TargetPrecision precision) : MatchingObjective
{
    /// <inheritdoc/>
    public override NetworkNeed Need => NetworkNeed.Fresh;

    /// <summary>Features of images; differentiable in them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">[C,m,channels,H,W], normalised and augmented.</param>
    /// <returns>[C,m,d].</returns>
    public static Tensor Features(Network network, Tensor images) => network.DependsOnBatch
        ? stack([.. images.unbind(0).Select(network.Features)])
        : network.Features(images.flatten(0, 1)).view(images.shape[0], images.shape[1], -1);

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Target(IterationDraws draws, bool previous, Func<Tensor> images)
    {
        using var noGradient = no_grad();
        var x = images();
        return [draws.Network.Embed(x.flatten(0, 1), x.shape[1], precision).view(x.shape[0], x.shape[1], -1)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Losses(Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets)
    {
        var features = Features(network, images);
        return [.. targets.Select(target => Distances(features, target[0]))];
    }

    /// <inheritdoc/>
    public override (IReadOnlyList<Tensor> Losses, IReadOnlyList<Tensor> Gradients) Differentiate(
        Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets, bool together)
    {
        using var enabled = enable_grad();
        var pass = network.Pass(images.flatten(0, 1), images.shape[1]);
        var features = pass.Features.view(images.shape[0], images.shape[1], -1).requires_grad_();
        var losses = targets.Select(target => Distances(features, target[0])).ToList();
        var sums = Sums(losses, together);
        var vectors = stack([.. sums.Select((sum, i) => autograd.grad([sum], [features], retain_graph: i + 1 < sums.Count)[0].view(pass.Features.shape))]);
        return ([.. losses.Select(loss => loss.detach())], [.. pass.ToImages(vectors).unbind(0).Select(gradient => gradient.view(images.shape))]);
    }

    /// <summary>The distance of two sets of features per class.</summary>
    /// <param name="synthetic">[C,n,d].</param>
    /// <param name="target">[C,m,d].</param>
    /// <returns>[C].</returns>
    protected abstract Tensor Distances(Tensor synthetic, Tensor target);
}
