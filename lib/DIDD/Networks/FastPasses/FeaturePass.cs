namespace DIDD.Networks;

/// <summary>
/// One pass of images through a network: the features, and vector–Jacobian products through it, as many as are asked for. First order only: for
/// gradients of gradients there is <see cref="Network.Features"/>.
/// </summary>
/// <param name="features">[N,d], without a graph.</param>
public abstract class FeaturePass(Tensor features)
{
    /// <summary>The features, [N,d]; a constant, so that what follows can be differentiated apart.</summary>
    public Tensor Features { get; } = features;

    /// <summary>Gradients of the images from gradients of the features.</summary>
    /// <param name="gradients">[K,N,d], K vectors.</param>
    /// <returns>[K,N,channels,H,W].</returns>
    public abstract Tensor ToImages(Tensor gradients);

    /// <summary>Adds the gradients of the feature extractor's weights to theirs.</summary>
    /// <param name="gradient">[N,d].</param>
    public abstract void ToWeights(Tensor gradient);
}

/// <summary>A pass through any network on any device, by automatic differentiation.</summary>
internal sealed class AutogradPass(Tensor images, Tensor features) : FeaturePass(features.detach())
{
    public static AutogradPass Of(Network network, Tensor constant)
    {
        using var gradient = enable_grad();
        var start = constant.detach().requires_grad_();
        return new AutogradPass(start, network.Features(start));
    }

    public override Tensor ToImages(Tensor gradients) =>
        stack([.. gradients.unbind(0).Select(gradient => autograd.grad([features], [images], [gradient], retain_graph: true)[0])]);

    public override void ToWeights(Tensor gradient) => features.backward([gradient]);
}

/// <summary>A pass whose images go through the network group by group, each on its own, as a batch norm needs it.</summary>
internal sealed class PassInParts(FeaturePass[] parts) : FeaturePass(cat([.. parts.Select(part => part.Features)]))
{
    /// <summary>Takes images, [N,channels,H,W] and normalised, through in groups of <paramref name="count"/>.</summary>
    public static FeaturePass Of(Tensor images, long count, Func<Tensor, FeaturePass> pass) =>
        images.shape[0] <= count ? pass(images) : new PassInParts([.. images.split(count).Select(pass)]);

    public override Tensor ToImages(Tensor gradients) => cat([.. Shares(gradients, 1).Select(share => share.Part.ToImages(share.Gradient))], 1);

    public override void ToWeights(Tensor gradient)
    {
        foreach (var (part, share) in Shares(gradient, 0))
            part.ToWeights(share);
    }

    private IEnumerable<(FeaturePass Part, Tensor Gradient)> Shares(Tensor gradients, int dimension) =>
        parts.Zip(gradients.split([.. parts.Select(part => part.Features.shape[0])], dimension));
}
