using DIDD.Data;
using DIDD.Distillation;
using DIDD.Synthetic;

namespace DIDD.Baselines;

/// <summary>Joint: one set from the union of all domains at once, the upper row of the paper's tables (METHOD §4).</summary>
internal sealed class JointLearner(DomainStream stream, Func<DomainStream, Learner> create) : Learner
{
    public static LearnerEntry Entry { get; } = new("joint", context => new JointLearner(context.Stream, union => context.Distiller(
        union, context.Distillation with { Iterations = context.Distillation.Iterations * context.Stream.Domains.Count })))
    {
        Title = "Joint",
        Row = 4,
        // From when each objective had a learner of its own.
        OldNames = ["joint-m3d", "joint-dm", "joint-dsa", "joint-dc"],
        Joint = true,
    };

    private readonly Learner _learner = create(new UnionStream(stream));

    public override int Iterations => _learner.Iterations;

    public override bool Joint => true;

    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default) =>
        _learner.Learn(0, null, iteration => record?.Invoke(iteration with { Domain = domain }), checkpoint, cancellation);

    public override SyntheticSet? Look() => _learner.Look();
}
