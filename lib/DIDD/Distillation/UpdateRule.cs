using DIDD.Data;
using DIDD.Matching;
using DIDD.Synthetic;

namespace DIDD.Distillation;

/// <summary>What a rule may know of the set that it updates.</summary>
/// <param name="Classes">Number of classes: C, or those of a shard.</param>
/// <param name="Ipc">Stored images per class.</param>
/// <param name="Shape">Shape of a stored image.</param>
/// <param name="Factor">f of the multi-formation.</param>
/// <param name="LearningRate">η_x, the step of the image optimiser.</param>
/// <param name="Schedule">The order of the classes within an iteration.</param>
/// <param name="Shard">Where the classes stand among all C.</param>
/// <param name="Device">Where the images live.</param>
/// <param name="Type">Type of the images.</param>
/// <param name="Iterations">Iterations of a domain.</param>
public sealed record RuleContext(
    int Classes, int Ipc, ImageShape Shape, int Factor, double LearningRate, Schedule Schedule, ClassShard Shard, Device Device, ScalarType Type = ScalarType.Float32,
    int Iterations = 1);

/// <summary>What surrounds the distillation of a domain, for rules that need more than gradients.</summary>
/// <param name="Domain">Index of the domain, from 0.</param>
/// <param name="Previous">X̂_{t−1} with the state that the rule left in it; null at the first domain.</param>
/// <param name="Stream">The domains; a rule may look at the present one alone.</param>
/// <param name="Real">Real images of the present domain.</param>
/// <param name="ImportanceDraws">Draws for measurements at the end of the domain: new networks, real batches and augmentations, by their number from 0.</param>
/// <param name="Randomness">Source of all other draws.</param>
/// <param name="Device">Where the images live.</param>
/// <param name="Cancellation">Stops long work.</param>
public sealed record DomainContext(
    int Domain, SyntheticSet? Previous, DomainStream Stream, RealBatches Real, Func<int, IterationDraws> ImportanceDraws, Randomness Randomness, Device Device,
    CancellationToken Cancellation);

/// <summary>
/// How the gradients of L_plastic and L_stable become the gradient that the image optimiser takes, at domains t &gt; 1. At the first domain
/// there is nothing to keep, and every rule is L_plastic alone.
/// </summary>
public abstract class UpdateRule : IDisposable
{
    /// <summary>Whether the rule needs g_S, the gradient of L_stable.</summary>
    public abstract bool NeedsStability { get; }

    /// <summary>ᾱ per tile, [C·IPC·tiles], or per image, [C·IPC], or null where the rule has no rates.</summary>
    public virtual Tensor? Alpha => null;

    /// <summary>β̄ per tile, [C·IPC·tiles], or per image, [C·IPC], or null where the rule has no rates.</summary>
    public virtual Tensor? Beta => null;

    /// <summary>∂(L_stable+L_plastic)/∂(ᾱ,β̄) of the last iteration, one row each, [2,rates]; null where the rule has no meta step, or had none yet.</summary>
    public virtual Tensor? MetaInnerProducts => null;

    /// <summary>Which decoded images of every class L_plastic is taken over, [C,m] indices in the order of <see cref="MultiFormation.Decode"/>; null for all.</summary>
    public virtual Tensor? PlasticTiles => null;

    /// <summary>Which of them L_stable is taken over, [C,k] likewise; null for those of L_plastic.</summary>
    public virtual Tensor? StableTiles => null;

    /// <summary>Prepares a domain t &gt; 1, before its first iteration.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="state">The iteration's state; its images may be changed in place.</param>
    public virtual void BeginDomain(DomainContext domain, DistillationStep state) { }

    /// <summary>Adds to a checkpoint's state what changes in the rule from one iteration of a domain to the next; no name may be one of <see cref="DistillationStep"/>.</summary>
    /// <param name="state">The state, by name.</param>
    public virtual void Save(IDictionary<string, Tensor> state) { }

    /// <summary>Takes it from there, after <see cref="BeginDomain"/>, where a domain t &gt; 1 goes on in the middle.</summary>
    /// <param name="state">The state, on the CPU.</param>
    public virtual void Restore(IReadOnlyDictionary<string, Tensor> state) { }

    /// <summary>Ends a domain, the first one too, after its last iteration.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="state">The iteration's state; its images are X̂_t.</param>
    /// <returns>What the rule needs at the next domain, by name; kept and saved with the set, so that a stopped run goes on with it; classes first, [C,…], so that shards of classes can be joined.</returns>
    public virtual IReadOnlyDictionary<string, Tensor> EndDomain(DomainContext domain, DistillationStep state) => new Dictionary<string, Tensor>();

    /// <summary>The gradient for the image optimiser.</summary>
    /// <param name="images">X where the gradients were taken, [N,channels,H,W], N = C·IPC.</param>
    /// <param name="plastic">g_P, the same shape.</param>
    /// <param name="stable">g_S, the same shape; null where the rule does not need it.</param>
    /// <param name="metaGradient">∂(L_stable+L_plastic)/∂X' at given X' [N,channels,H,W].</param>
    /// <returns>The same shape.</returns>
    public abstract Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient);

    /// <summary>Releases the rule's state.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
