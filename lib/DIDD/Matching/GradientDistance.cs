using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>How far two gradients are apart; the names are those of DC's code.</summary>
public enum GradientMetric
{
    /// <summary>Per layer the sum over the output rows of 1 − cos; biases and other weights of one dimension contribute nothing.</summary>
    Ours,

    /// <summary>The squared distance, all weights as one vector.</summary>
    Mse,

    /// <summary>1 − cos, all weights as one vector.</summary>
    Cos,
}

/// <summary>The distance of two gradients of the cross-entropy in the weights, DC's and DSA's objective (METHOD §9).</summary>
internal static class GradientDistance
{
    // Added to the product of the norms: rows without a gradient have the distance 1.
    private const double Epsilon = 1e-6;

    /// <summary>The gradients that count by the metric, one per weight; differentiable in the images by a double backward.</summary>
    /// <param name="network">A network whose weights take gradients.</param>
    /// <param name="images">[n,channels,H,W], normalised.</param>
    /// <param name="labels">[n] classes, 64-bit.</param>
    /// <param name="differentiable">Whether for a double backward.</param>
    /// <param name="metric">The distance.</param>
    /// <exception cref="ArgumentException">There are no images, or not as many labels, or the network is frozen.</exception>
    public static IReadOnlyList<Tensor> Gradients(Network network, Tensor images, Tensor labels, bool differentiable, GradientMetric metric = GradientMetric.Ours)
    {
        // A wrong shape would end the process: exceptions do not leave the native double backward.
        if (images.shape[0] == 0 || labels.dim() != 1 || images.shape[0] != labels.shape[0])
            throw new ArgumentException($"{images.shape[0]} images, but labels [{string.Join(',', labels.shape)}]; give as many labels as images, at least one", nameof(labels));
        var weights = network.Weights.Values.Where(weight => metric != GradientMetric.Ours || weight.dim() > 1).ToArray();
        if (weights.Length == 0 || !weights.All(weight => weight.requires_grad))
            throw new ArgumentException("the network's weights take no gradients; create it as trainable", nameof(network));
        using var enabled = enable_grad();
        // Of a class: what the passes of all of them leave between their layers is gigabytes at the paper's size.
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy(network.Logits(network.Features(images)), labels);
        return [.. autograd.grad([loss], weights, retain_graph: differentiable, create_graph: differentiable).Select(gradient => gradient.MoveToOuterDisposeScope())];
    }

    /// <summary>The distance per class, [C], of <see cref="Gradients"/>, [C,outputs,…] per weight; differentiable in <paramref name="synthetic"/>.</summary>
    public static Tensor Between(IReadOnlyList<Tensor> synthetic, IReadOnlyList<Tensor> target, GradientMetric metric = GradientMetric.Ours)
    {
        if (synthetic.Count == 0 || synthetic.Count != target.Count || synthetic.Zip(target).Any(pair => !pair.First.shape.SequenceEqual(pair.Second.shape)))
            throw new ArgumentException("the gradients are not of the same layers; take both from one network", nameof(target));
        if (metric == GradientMetric.Ours)
            return synthetic.Zip(target).Where(pair => pair.First.dim() > 2).Select(pair => OneMinusCosine(pair.First.flatten(2), pair.Second.flatten(2)).sum(-1)).Aggregate((sum, layer) => sum + layer);
        var (all, goal) = (cat([.. synthetic.Select(s => s.flatten(1))], 1), cat([.. target.Select(t => t.flatten(1))], 1));
        return metric == GradientMetric.Mse ? (goal - all).square().sum(-1) : OneMinusCosine(all, goal);
    }

    private static Tensor OneMinusCosine(Tensor s, Tensor t) => 1 - (s * t).sum(-1) / (s.norm(-1) * t.norm(-1) + Epsilon);
}
