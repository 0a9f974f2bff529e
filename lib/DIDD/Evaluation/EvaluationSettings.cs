using DIDD.Networks;

namespace DIDD.Evaluation;

/// <summary>Settings of an evaluation; the defaults are the paper's training with the clean protocol (METHOD §5).</summary>
/// <param name="Protocol">Who is tested on what, and when.</param>
/// <param name="Networks">Networks trained from scratch on each set, or for each pair by the official protocol; accuracies are their mean.</param>
/// <param name="Epochs">Epochs of training.</param>
/// <param name="BatchSize">Training images per step.</param>
/// <param name="LearningRate">Learning rate of SGD at the start; ×0.2 at two thirds and at five sixths of the epochs.</param>
/// <param name="Momentum">Momentum of SGD.</param>
/// <param name="WeightDecay">Weight decay of SGD.</param>
/// <param name="Augmentation">Augmentation strategy of the training images, a draw per image, one geometric operation per step.</param>
/// <param name="CutMix">Probability of CutMix per step, in [0,1].</param>
/// <param name="TestImages">Test images per domain, equally many of each class; 0 for all.</param>
/// <param name="Architecture">The network: convnet, the one that distils, or for cross-architecture evaluation resnet18 or mlp.</param>
/// <param name="OneOfAll">Whether a step draws one of all operations that the strategy names, the colours being one, as the evaluation of DSA and DM does.</param>
public sealed record EvaluationSettings(
    Protocol Protocol = Protocol.Clean,
    [property: Range(1, int.MaxValue)] int Networks = 3,
    [property: Range(1, int.MaxValue)] int Epochs = 1500,
    [property: Range(1, int.MaxValue)] int BatchSize = 128,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double LearningRate = 0.01,
    [property: Range(0, 0.999)] double Momentum = 0.9,
    [property: Range(0.0, 1.0)] double WeightDecay = 5e-4,
    string Augmentation = "color_crop_scale_rotate",
    [property: Range(0.0, 1.0)] double CutMix = 0.5,
    [property: Range(0, int.MaxValue)] int TestImages = 0,
    string Architecture = "convnet",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool OneOfAll = false)
{
    /// <summary>Size of the ConvNet; the MLP takes its width, the ResNet-18 its norm.</summary>
    public ConvNetSettings Network { get; init; } = new();

    /// <summary>Epochs, over all networks, that the evaluation of one set takes.</summary>
    /// <param name="domain">Index of the domain after which the set was made.</param>
    public int EpochsAfter(int domain) => Epochs * Networks * (Protocol == Protocol.Official ? domain + 1 : 1);
}

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
