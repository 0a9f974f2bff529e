namespace DIDD.Evaluation;

/// <summary>How sets are evaluated (METHOD §5).</summary>
public enum Protocol
{
    /// <summary>Networks trained on the set after domain t, each tested on all domains; last epoch; one normalisation for training and test images.</summary>
    Clean,

    /// <summary>
    /// The authors': a network of its own for every pair (t, k ≤ t); the best of its accuracies on the test set after one third, two thirds and
    /// all of the epochs; the stream's <see cref="Data.DomainStream.OfficialNormalization"/>; CutMix pastes from a permutation of the batch; the set is kept, anchored and evaluated
    /// as the last step left it, not clamped. It selects on the test set, and is optimistic.
    /// </summary>
    Official,

    /// <summary>
    /// Replay: no network starts from scratch but the first. The one of the domain before is trained on, on batches that are half images of the new domain and half of the set
    /// after it, as many steps as <see cref="Clean"/> takes; then it is tested on all domains, as there. So a network in use learns with the set as its memory.
    /// </summary>
    Replay,
}
