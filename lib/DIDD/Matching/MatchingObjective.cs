using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>What an objective needs of the network of an iteration.</summary>
public enum NetworkNeed
{
    /// <summary>New random weights, frozen.</summary>
    Fresh,

    /// <summary>New random weights, and between the steps that share them a training on the synthetic images of all classes.</summary>
    TrainedBetweenSteps,

    /// <summary>The weights of an expert somewhere on its way through a training on the images that are matched, all classes at once.</summary>
    ExpertTrajectory,
}

/// <summary>Settings of all objectives; each reads its own.</summary>
/// <param name="Kernel">Kernel of <see cref="M3dObjective"/>.</param>
/// <param name="Precision">In what features that take no gradient are computed.</param>
/// <param name="Gradients">Settings of <see cref="DcObjective"/> and <see cref="DsaObjective"/>; null for the defaults.</param>
/// <param name="Trajectories">Settings of <see cref="MttObjective"/>; null for the defaults.</param>
public sealed record ObjectiveSettings(string Kernel = "gaussian", TargetPrecision Precision = TargetPrecision.Full, GradientMatchingSettings? Gradients = null, TrajectorySettings? Trajectories = null);

/// <summary>What an iteration draws: network, real images and augmentations.</summary>
/// <param name="Network">A network: with new weights, or with those that the objective gave it.</param>
/// <param name="Real">R, [C,n,channels,H,W], pixels in [0,1].</param>
/// <param name="Augmentation">The draw under which g_P and g_S are taken.</param>
/// <param name="MetaAugmentation">The draw under which the meta loss is taken; where it is the same object, the targets are not computed again.</param>
/// <param name="Experts">The parts of experts' trajectories that are matched, where the objective follows experts.</param>
public sealed record IterationDraws(Network Network, Tensor Real, AugmentationDraw Augmentation, AugmentationDraw MetaAugmentation, ExpertDraw? Experts = null);

/// <summary>Parts of the trajectories of two experts: the weights from which one starts, and after them those at which it shall end.</summary>
/// <param name="Plastic">Of an expert trained on D_t.</param>
/// <param name="Stable">Of one trained on X̂_{t−1}; null at the first domain.</param>
public sealed record ExpertDraw(IReadOnlyList<Tensor> Plastic, IReadOnlyList<Tensor>? Stable);

/// <summary>What surrounds a domain, for objectives that train networks.</summary>
/// <param name="Index">Index of the domain, from 0.</param>
/// <param name="Stream">The domains; an objective looks at the present one alone.</param>
/// <param name="Previous">The decoded previous set, [C,m,channels,H,W], pixels in [0,1]; null at the first domain.</param>
/// <param name="Create">Creates a trainable network.</param>
/// <param name="Augmentation">The augmentation of the distillation.</param>
/// <param name="Randomness">Source of all draws.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Cancellation">Stops long work.</param>
public sealed record MatchingDomain(
    int Index, DomainStream Stream, Tensor? Previous, Func<Generator, Network> Create, DiffAugment Augmentation, Randomness Randomness, Device Device, CancellationToken Cancellation);

/// <summary>
/// What synthetic images shall have in common with others: a loss L(S, target). L_plastic takes its target from real images R, L_stable from the decoded
/// previous set O; g_P, g_S and the meta gradient are gradients of that loss, so that every update rule goes with every objective.
/// </summary>
public abstract class MatchingObjective : IDisposable
{
    /// <summary>What it needs of a network.</summary>
    public abstract NetworkNeed Need { get; }

    /// <summary>Whether the loss of a class does not depend on the other classes' images: it is then [C], and classes can be stepped one after another; else it is one number.</summary>
    public virtual bool KeepsClassesApart => true;

    /// <summary>Whether the first set starts from noise, not from real images.</summary>
    public virtual bool StartsFromNoise => false;

    /// <summary>Whether an augmentation draws one operation of all that a strategy names, not all but one of the geometric.</summary>
    public virtual bool DrawsOneOfAll => true;

    /// <summary>Steps of the images with one network.</summary>
    public virtual int StepsPerNetwork => 1;

    /// <summary>Begins a domain; an objective has one alone, if any.</summary>
    public virtual void Begin(MatchingDomain domain) { }

    /// <summary>Gives the network of a step its weights.</summary>
    /// <param name="network">A network with new weights.</param>
    /// <param name="numbers">Source of draws.</param>
    /// <param name="stepIndex">The step of the domain, from 0; null for a measurement beside the steps.</param>
    /// <returns>What experts give to match; null where the objective follows none.</returns>
    public virtual ExpertDraw? Draw(Network network, RandomStream numbers, int? stepIndex) => null;

    /// <summary>What shall be matched, without a gradient.</summary>
    /// <param name="draws">The iteration's draws.</param>
    /// <param name="previous">Whether of the previous set; else of the present domain.</param>
    /// <param name="images">Makes its images, [C,n,channels,H,W], normalised and augmented, if the objective needs them.</param>
    public abstract IReadOnlyList<Tensor> Target(IterationDraws draws, bool previous, Func<Tensor> images);

    /// <summary>The losses against several targets, differentiable in the images.</summary>
    /// <param name="network">The iteration's network.</param>
    /// <param name="images">S, [C,m,channels,H,W], decoded, normalised and augmented.</param>
    /// <param name="targets">From <see cref="Target"/>.</param>
    /// <returns>One per target: [C], or one number where classes are not kept apart.</returns>
    public abstract IReadOnlyList<Tensor> Losses(Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets);

    /// <summary>The losses and their gradients in the images, the fastest way that there is.</summary>
    /// <param name="network">The iteration's network.</param>
    /// <param name="images">As for <see cref="Losses"/>; a constant.</param>
    /// <param name="targets">From <see cref="Target"/>.</param>
    /// <param name="together">Whether the gradient of the sum of all losses is wanted, not one of each.</param>
    /// <returns>The losses, and one gradient or one per target, each in the shape of the images; without a graph.</returns>
    public virtual (IReadOnlyList<Tensor> Losses, IReadOnlyList<Tensor> Gradients) Differentiate(
        Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets, bool together)
    {
        using var enabled = enable_grad();
        var x = images.detach().requires_grad_();
        var losses = Losses(network, x, targets);
        var sums = Sums(losses, together);
        var gradients = sums.Select((sum, i) => autograd.grad([sum], [x], retain_graph: i + 1 < sums.Count)[0]).ToList();
        return ([.. losses.Select(loss => loss.detach())], gradients);
    }

    /// <summary>Ends a step of the images.</summary>
    /// <param name="network">The step's network.</param>
    /// <param name="stepIndex">The step of the domain, from 0.</param>
    /// <param name="images">Makes the synthetic images as they are now, [C,m,channels,H,W], decoded and normalised, without a gradient.</param>
    public virtual void EndStep(Network network, int stepIndex, Func<Tensor> images) { }

    /// <summary>Adds to a checkpoint's state what changes from one step to the next.</summary>
    public virtual void Save(IDictionary<string, Tensor> state) { }

    /// <summary>Takes it from there, after <see cref="Begin"/>.</summary>
    public virtual void Restore(IReadOnlyDictionary<string, Tensor> state) { }

    /// <summary>Releases the objective's state.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>What is differentiated: the sum of each loss over the classes, or of all losses.</summary>
    protected static IReadOnlyList<Tensor> Sums(IReadOnlyList<Tensor> losses, bool together)
    {
        var sums = losses.Select(loss => loss.sum()).ToArray();
        return together ? [stack(sums).sum()] : sums;
    }
}
