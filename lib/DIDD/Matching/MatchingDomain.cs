using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Matching;

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
