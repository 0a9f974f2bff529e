using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Matching;
using DIDD.Networks;
using DIDD.Synthetic;

namespace DIDD.Rules;

/// <summary>
/// A teacher, trained on X̂_{t−1} as the evaluation trains its networks, that shall see in x̂ᵗ what it saw in x̂^{t−1}: g_P + λ·∂/∂X Σ_c mean_i d(x̂ᵗ_i,
/// x̂^{t−1}_i) over the decoded images i of class c, without augmentation (METHOD §4). A sum over classes of means over images, as L_P is.
/// </summary>
internal abstract class TeacherRule(double lambda, EvaluationSettings training, RuleContext context) : UpdateRule
{
    protected const string TrainedOnAll = "its teacher is trained on all classes at once";

    // The teacher's number among the networks that are trained on X̂_{t−1}: one that is never tested.
    private const int Number = -1;

    private readonly MultiFormation _formation = new(context.Factor, context.Shape);
    private Normalization? _normalization;
    private Network? _teacher;
    private Tensor? _target;

    public override bool NeedsStability => false;

    public override void BeginDomain(DomainContext domain, DistillationStep state)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        _normalization = domain.Stream.Normalization;
        var images = _normalization.Apply(domain.Previous!.Decode());
        var labels = NetworkEpochs.Labels(images);
        using (enable_grad())
            _teacher = new NetworkTraining(training, context.Shape, context.Classes, domain.Randomness, domain.Device)
                .Train(images.flatten(0, 1), labels, domain.Domain - 1, Number, cancellation: domain.Cancellation);
        _target = Output(_teacher, Features(domain.Previous!.Images)).DetachFromDisposeScope();
    }

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
    {
        using var gradient = enable_grad();
        using var scope = NewDisposeScope();
        var x = images.detach().requires_grad_();
        var loss = Distances(Output(_teacher!, Features(x.unflatten(0, [context.Classes, context.Ipc]))), _target!).sum() / (context.Ipc * _formation.Tiles);
        return (plastic + lambda * autograd.grad([loss], [x])[0]).MoveToOuterDisposeScope();
    }

    /// <summary>What of the teacher is compared, [N,k], from its penultimate features, [N,d].</summary>
    protected abstract Tensor Output(Network teacher, Tensor features);

    /// <summary>d of every decoded image, [N], from the outputs for x̂ᵗ and for x̂^{t−1}, [N,k].</summary>
    protected abstract Tensor Distances(Tensor output, Tensor target);

    public override void Dispose()
    {
        _teacher?.Dispose();
        _target?.Dispose();
        base.Dispose();
    }

    private Tensor Features(Tensor stored) => _teacher!.Features(_normalization!.Apply(_formation.Decode(stored)).flatten(0, 1));
}
