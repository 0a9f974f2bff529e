using static TorchSharp.torch;

namespace DIDD.Networks;

/// <summary>SGD on a network's weights as torch's, with momentum and weight decay; its numbers are held while libtorch reads them (<see cref="HeldScalars"/>), which TorchSharp's are not.</summary>
/// <param name="weights">The weights; the caller's.</param>
/// <param name="learningRate">η, positive.</param>
/// <param name="momentum">μ, in [0,1).</param>
/// <param name="weightDecay">Added to the gradient times the weights, at least 0.</param>
internal sealed class WeightOptimizer(IEnumerable<Tensor> weights, double learningRate, double momentum = 0, double weightDecay = 0) : IDisposable
{
    private readonly List<Tensor> _weights = [.. weights];
    private readonly Dictionary<int, Tensor> _velocities = [];

    /// <summary>η.</summary>
    public double LearningRate { get; set; } = learningRate;

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var weight in _weights)
            weight.grad?.zero_();
    }

    /// <summary>Moves the weights by their gradients.</summary>
    public void Step()
    {
        using var noGradient = no_grad();
        foreach (var (i, weight) in _weights.Index())
        {
            using var scope = NewDisposeScope();
            if (weight.grad is not { } gradient)
                continue;
            if (weightDecay != 0)
                gradient = gradient.add(weight, Held(weightDecay));
            if (momentum != 0)
            {
                if (_velocities.TryGetValue(i, out var velocity))
                    velocity.mul_(Held(momentum)).add_(gradient, Held(1));
                else
                    _velocities[i] = velocity = gradient.clone().DetachFromDisposeScope();
                gradient = velocity;
            }
            weight.add_(gradient, Held(-LearningRate));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var velocity in _velocities.Values)
            velocity.Dispose();
    }
}
