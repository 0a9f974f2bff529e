using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Matching;
using DIDD.Networks;

namespace DIDD.Distillation;

/// <summary>Makes the draws of a domain's iterations, each by its address.</summary>
/// <param name="stream">The domains.</param>
/// <param name="settings">Settings.</param>
/// <param name="metaDraw">The augmentation of the meta step.</param>
/// <param name="real">Real images of the domain.</param>
/// <param name="randomness">Source of all draws.</param>
/// <param name="domain">Index of the domain, from 0.</param>
/// <param name="device">Where to compute.</param>
/// <param name="objective">The objective, in that domain; it stays the caller's.</param>
public sealed class DrawSource(
    DomainStream stream, DistillationSettings settings, MetaDraw metaDraw, RealBatches real, Randomness randomness, int domain, Device device, MatchingObjective objective)
{
    private readonly DiffAugment _augment = new(settings.Augmentation, objective.DrawsOneOfAll);

    /// <summary>The draws of an iteration; the caller disposes of the network.</summary>
    /// <param name="iteration">Index of the iteration, from 0.</param>
    public IterationDraws At(int iteration) => Draw(
        iteration, iteration, iteration, iteration / objective.StepsPerNetwork, Purpose.DistillationNetwork, Purpose.Augmentation, Purpose.MetaAugmentation);

    /// <summary>Draws for a measurement at the end of the domain: a new network, which the caller disposes of, augmentation and real batch.</summary>
    internal IterationDraws ForImportance(int number) =>
        Draw(null, number, settings.Iterations * objective.StepsPerNetwork + number, number, Purpose.ImportanceNetwork, Purpose.ImportanceAugmentation, Purpose.ImportanceAugmentation);

    /// <summary>A network of the domain; the caller disposes of it.</summary>
    internal Network Network(Generator generator) =>
        new ConvNet(settings.Network, stream.Shape, stream.Shard.All, generator, device, objective.Need != NetworkNeed.Fresh);

    private IterationDraws Draw(int? step, int number, int batch, int networkNumber, Purpose networkPurpose, Purpose augmentation, Purpose metaAugmentation)
    {
        using var generator = randomness.Generator(networkPurpose, domain, networkNumber);
        AugmentationDraw Augmentation(Purpose purpose) =>
            _augment.Draw(Enumerable.Range(0, stream.Classes.Count).Select(c => randomness.Stream(purpose, domain, number, stream.Shard.First + c)), stream.Shape, device);
        var draw = Augmentation(augmentation);
        var network = Network(generator);
        var experts = objective.Draw(network, randomness.Stream(Purpose.ExpertPart, domain, number, step is null ? 1 : 0), step);
        return new IterationDraws(network, real.At(batch).to(device), draw, metaDraw == MetaDraw.Shared ? draw : Augmentation(metaAugmentation), experts);
    }
}
