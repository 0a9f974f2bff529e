using DIDD.Distillation;
using DIDD.Synthetic;

namespace DIDD.Baselines;

/// <summary>
/// Distill-Gather: every domain is distilled on its own from real images of that domain, and all sets are kept (METHOD §4). After domain t the
/// set holds t times the fixed budget: t·IPC images per class, those of the first domain first.
/// </summary>
internal sealed class DistillGather(Learner distiller) : Learner
{
    public static LearnerEntry Entry { get; } = new("distill-gather", context => new DistillGather(context.Distiller(context.Stream, context.Distillation))) { Title = "Distill-Gather", Row = 3, StartsFromReal = true };

    public override int Iterations => distiller.Iterations;

    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        var set = distiller.Learn(domain, null, record, checkpoint, cancellation);
        if (previous is null)
            return set;
        using (set)
        using (var before = previous.To(set.Images.device))
            return new SyntheticSet(cat([before.Images, set.Images], 1), set.Formation.Factor);
    }

    public override SyntheticSet? Look() => distiller.Look();
}
