using DIDD.Distillation;
using DIDD.Matching;

namespace DIDD.Rules;

/// <summary>
/// A quadratic penalty on the way from the previous set, pixel by pixel: g_P + λ·Ω⊙(x̂ᵗ−x̂^{t−1}), the gradient of L_P + (λ/2)·ΣΩ(x̂ᵗ−x̂^{t−1})² (METHOD
/// §4). At the end of every domain Ω is measured on X̂_t under new networks, real batches and augmentations, and added to the Ω of the domains
/// before (online, an undamped sum).
/// </summary>
internal abstract class ImportanceRule(double lambda, int iterations) : UpdateRule
{
    private const string StateName = "importance";

    private Tensor? _importance, _previous;

    public override bool NeedsStability => false;

    public override void BeginDomain(DomainContext domain, DistillationStep state)
    {
        using var scope = NewDisposeScope();
        _importance = (lambda * domain.Previous!.State[StateName].flatten(0, 1)).DetachFromDisposeScope();
        _previous = domain.Previous.Images.flatten(0, 1).clone().DetachFromDisposeScope();
    }

    public override IReadOnlyDictionary<string, Tensor> EndDomain(DomainContext domain, DistillationStep state)
    {
        using var scope = NewDisposeScope();
        var sum = zeros_like(state.Images);
        for (var i = 0; i < iterations; i++)
        {
            domain.Cancellation.ThrowIfCancellationRequested();
            using var iterationScope = NewDisposeScope();
            var draws = domain.ImportanceDraws(i);
            using (draws.Network)
            {
                var images = state.Images.detach().requires_grad_();
                sum.add_(Magnitude(autograd.grad([Objective(state, images, draws)], [images])[0]));
            }
        }
        var importance = sum / iterations;
        if (domain.Previous is not null)
            importance = importance + domain.Previous.State[StateName];
        return new Dictionary<string, Tensor> { [StateName] = importance.MoveToOuterDisposeScope() };
    }

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) => plastic + _importance! * (images - _previous!);

    /// <summary>What Ω follows the gradient of, a scalar, differentiable in the images X̂, [C,IPC,channels,H,W].</summary>
    protected abstract Tensor Objective(DistillationStep state, Tensor images, IterationDraws draws);

    /// <summary>What Ω is the mean of, element by element.</summary>
    protected abstract Tensor Magnitude(Tensor gradient);

    public override void Dispose()
    {
        _importance?.Dispose();
        _previous?.Dispose();
        base.Dispose();
    }
}
