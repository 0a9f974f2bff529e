using DIDD.Synthetic;

namespace DIDD.Distillation;

/// <summary>
/// What makes the set after a domain from the set before it. A learner has no state between domains but that set, so that a run goes on from
/// the last set on disk. <see cref="Distiller"/> is the paper's; the others are its baselines (METHOD §4, §10).
/// </summary>
public abstract class Learner
{
    private const int RecordsPerCall = 200;

    /// <summary>Iterations of one call of <see cref="Learn"/>; 0 where nothing is optimised.</summary>
    public abstract int Iterations { get; }

    /// <summary>Whether one call learns all domains at once; <see cref="Learn"/> is then called for the last domain only.</summary>
    public virtual bool Joint => false;

    /// <summary>Makes the set after a domain.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="previous">The set after the domain before; null at the first call. It stays the caller's.</param>
    /// <param name="record">Takes the record of every iteration.</param>
    /// <param name="checkpoint">Where the state of the domain is kept, and where it is if the learner shall go on in the middle; null for nowhere.</param>
    /// <param name="cancellation">Stops between two iterations.</param>
    /// <returns>The set; the caller disposes of it.</returns>
    /// <exception cref="DivergenceException">A loss is no longer finite; the message names domain, iteration and value.</exception>
    /// <exception cref="DIDD.Data.DataSetException">A class has fewer images than are needed.</exception>
    /// <exception cref="IOException">The checkpoint cannot be written.</exception>
    public abstract SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default);

    /// <summary>Copies the set as the last iteration left it, while <see cref="Learn"/> gives a record, on a GPU of an iteration or some before; the caller disposes of it.</summary>
    /// <returns>The set; null where there is none to see.</returns>
    public virtual SyntheticSet? Look() => null;

    /// <summary>Iterations from one that is recorded, with diagnostics, to the next: about 200 records a call.</summary>
    /// <param name="iterations">Iterations of the call.</param>
    public static int RecordEvery(int iterations) => Math.Max(1, iterations / RecordsPerCall);
}
