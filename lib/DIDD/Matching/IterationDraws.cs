using DIDD.Augmentation;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Matching;

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
