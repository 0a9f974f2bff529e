using DIDD.Networks;

namespace DIDD.Evaluation;

/// <summary>Settings of an evaluation; the defaults are the paper's training with the clean protocol (METHOD §5).</summary>
public sealed record EvaluationSettings
{
    /// <summary>Who is tested on what, and when.</summary>
    public Protocol Protocol { get; init; } = Protocol.Clean;

    /// <summary>Networks trained from scratch on each set, or for each pair by the official protocol; accuracies are their mean.</summary>
    [Range(1, int.MaxValue)]
    public int Networks { get; init; } = 3;

    /// <summary>Epochs of training.</summary>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 1500;

    /// <summary>Training images per step.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 128;

    /// <summary>Learning rate of SGD at the start; ×0.2 at two thirds and at five sixths of the epochs.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Momentum of SGD.</summary>
    [Range(0, 0.999)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay of SGD.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Augmentation strategy of the training images, a draw per image, one geometric operation per step.</summary>
    public string Augmentation { get; init; } = "color_crop_scale_rotate";

    /// <summary>Probability of CutMix per step, in [0,1].</summary>
    [Range(0.0, 1.0)]
    public double CutMix { get; init; } = 0.5;

    /// <summary>Test images per domain, equally many of each class; 0 for all.</summary>
    [Range(0, int.MaxValue)]
    public int TestImages { get; init; }

    /// <summary>The network: convnet, the one that distils, or for cross-architecture evaluation resnet18 or mlp.</summary>
    public string Architecture { get; init; } = "convnet";

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
