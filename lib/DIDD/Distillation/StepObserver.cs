using DIDD.Matching;

namespace DIDD.Distillation;

/// <summary>An iteration of a domain t &gt; 1 at its gradients, which the images have not followed yet.</summary>
/// <param name="Step">The step; its images are those where the gradients were taken, its rule is the one that combines them.</param>
/// <param name="Draws">What was drawn for it.</param>
/// <param name="Plastic">g_P, [C,IPC,channels,H,W].</param>
/// <param name="Stable">g_S, the same shape; null where the rule does not need it.</param>
public sealed record StepView(DistillationStep Step, IterationDraws Draws, Tensor Plastic, Tensor? Stable);

/// <summary>Sees what the iterations of domains t &gt; 1 compute, while they compute it, and changes nothing. The tensors live as long as the iteration; what shall stay is copied.</summary>
public abstract class StepObserver
{
    /// <summary>The rule has looked ahead, and has its rates from before still.</summary>
    /// <param name="view">The iteration.</param>
    /// <param name="lookAhead">X', [C,IPC,channels,H,W].</param>
    /// <param name="metaGradient">G = ∂(L_stable+L_plastic)/∂X', the same shape.</param>
    public abstract void LookedAhead(StepView view, Tensor lookAhead, Tensor metaGradient);

    /// <summary>The rule has combined the gradients.</summary>
    /// <param name="view">The iteration.</param>
    /// <param name="update">What the image optimiser follows, [C,IPC,channels,H,W].</param>
    public abstract void Combined(StepView view, Tensor update);
}
