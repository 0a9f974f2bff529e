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
