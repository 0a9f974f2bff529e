using DIDD.Data;

namespace DIDD.Distillation;

/// <summary>
/// SGD with momentum μ on the stored images, for all classes at once. For the class at position c of C, with the residual velocity r at the
/// iteration's start: x_eval = x − η·r·μ(1−μ^c)/(1−μ), where the gradients are taken; v = μ^{c+1}·r + g; x_end = x_eval − η·v·(1−μ^{C−c})/(1−μ);
/// r' = v·μ^{C−1−c} (METHOD §3). With one position, c = 0 of C = 1, this is plain SGD with momentum.
/// </summary>
internal sealed class ImageOptimizer : IDisposable
{
    private const string ImagesName = "images", VelocityName = "velocity";

    private readonly Tensor _images, _velocity, _before, _carried, _after, _remaining;

    /// <summary>Creates the optimiser of X, [C,IPC,channels,H,W], at rest; it updates them in place.</summary>
    public ImageOptimizer(Tensor images, double learningRate, double momentum, Schedule schedule, ClassShard shard)
    {
        _images = images;
        _velocity = zeros_like(images).DetachFromDisposeScope();
        var positions = schedule == Schedule.ClassSequential ? shard.All : 1;
        Tensor PerClass(Func<int, double> factor) => tensor(
            [.. Enumerable.Range(0, (int)images.shape[0]).Select(c => factor(schedule == Schedule.ClassSequential ? shard.First + c : 0))], dtype: images.dtype, device: images.device)
            .view(-1, 1, 1, 1, 1).DetachFromDisposeScope();
        double Geometric(int terms) => (1 - Math.Pow(momentum, terms)) / (1 - momentum);
        _before = PerClass(c => -learningRate * momentum * Geometric(c));
        _carried = PerClass(c => Math.Pow(momentum, c + 1));
        _after = PerClass(c => -learningRate * Geometric(positions - c));
        _remaining = PerClass(c => Math.Pow(momentum, positions - 1 - c));
    }

    /// <summary>Clamps the pixels to [0,1] and moves every class to where its gradients are taken.</summary>
    public void Begin()
    {
        _images.clamp_(0, 1);
        _images.addcmul_(_velocity, _before, 1);
    }

    /// <summary>Takes the step of every class, and the momentum's steps of the classes after it.</summary>
    /// <param name="gradient">[C,IPC,channels,H,W].</param>
    public void End(Tensor gradient)
    {
        _velocity.mul_(_carried).add_(gradient);
        _images.addcmul_(_velocity, _after, 1);
        _velocity.mul_(_remaining);
    }

    public void Save(IDictionary<string, Tensor> state) => (state[ImagesName], state[VelocityName]) = (_images, _velocity);

    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        using var noGradient = no_grad();
        _images.copy_(state[ImagesName]);
        _velocity.copy_(state[VelocityName]);
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_velocity, _before, _carried, _after, _remaining])
            tensor.Dispose();
    }
}
