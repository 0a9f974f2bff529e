using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>
/// The distance of two gradients of the cross-entropy in the weights, DC's and DSA's objective (METHOD §9): per layer the sum over the output
/// rows of 1 − cos. Weights of convolutions and linear layers count; biases and norms contribute nothing.
/// </summary>
public static class GradientDistance
{
    // Added to the product of the norms: rows without a gradient have the distance 1.
    private const double Epsilon = 1e-6;

    /// <summary>The gradients that count.</summary>
    /// <param name="network">A network whose weights take gradients.</param>
    /// <param name="images">[n,channels,H,W], normalised.</param>
    /// <param name="labels">[n] classes, 64-bit.</param>
    /// <param name="differentiable">Whether the gradients shall be differentiable in the images: a double backward.</param>
    /// <returns>One per layer, in the shape of its weight: [outputs,…].</returns>
    /// <exception cref="ArgumentException">There are no images, or not as many labels, or the network is frozen.</exception>
    public static IReadOnlyList<Tensor> Gradients(Network network, Tensor images, Tensor labels, bool differentiable)
    {
        // A wrong shape would end the process: exceptions do not leave the native double backward.
        if (images.shape[0] == 0 || labels.dim() != 1 || images.shape[0] != labels.shape[0])
            throw new ArgumentException($"{images.shape[0]} images, but labels [{string.Join(',', labels.shape)}]; give as many labels as images, at least one", nameof(labels));
        var weights = network.Weights.Values.Where(weight => weight.dim() is 2 or 4).ToArray();
        if (weights.Length == 0 || !weights.All(weight => weight.requires_grad))
            throw new ArgumentException("the network's weights take no gradients; create it as trainable", nameof(network));
        var loss = nn.functional.cross_entropy(network.Logits(network.Features(images)), labels);
        return [.. autograd.grad([loss], weights, retain_graph: differentiable, create_graph: differentiable)];
    }

    /// <summary>The distance, differentiable in <paramref name="synthetic"/>.</summary>
    /// <param name="synthetic">From <see cref="Gradients"/>.</param>
    /// <param name="target">Likewise, of the same network.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">The gradients are not of the same shapes.</exception>
    public static Tensor Between(IReadOnlyList<Tensor> synthetic, IReadOnlyList<Tensor> target)
    {
        if (synthetic.Count == 0 || synthetic.Count != target.Count || synthetic.Zip(target).Any(pair => !pair.First.shape.SequenceEqual(pair.Second.shape)))
            throw new ArgumentException("the gradients are not of the same layers; take both from one network", nameof(target));
        return synthetic.Zip(target, OfLayer).Aggregate((sum, layer) => sum + layer);
    }

    private static Tensor OfLayer(Tensor synthetic, Tensor target)
    {
        var (s, t) = (synthetic.flatten(1), target.flatten(1));
        return (1 - (s * t).sum(-1) / (s.norm(-1) * t.norm(-1) + Epsilon)).sum();
    }
}
