using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Distillation;

/// <summary>Makes the draws of a domain's iterations, each by its address.</summary>
/// <param name="stream">The domains.</param>
/// <param name="settings">Settings.</param>
/// <param name="metaDraw">The augmentation of the meta step.</param>
/// <param name="real">Real images of the domain.</param>
/// <param name="randomness">Source of all draws.</param>
/// <param name="domain">Index of the domain, from 0.</param>
/// <param name="device">Where to compute.</param>
public sealed class DrawSource(
    DomainStream stream, DistillationSettings settings, MetaDraw metaDraw, RealBatches real, Randomness randomness, int domain, Device device)
{
    private readonly DiffAugment _augment = new(settings.Augmentation);

    /// <summary>The draws of an iteration; the caller disposes of the network.</summary>
    /// <param name="iteration">Index of the iteration, from 0.</param>
    public IterationDraws At(int iteration) => Draw(iteration, iteration, Purpose.DistillationNetwork, Purpose.Augmentation, Purpose.MetaAugmentation);

    /// <summary>Draws for a measurement at the end of the domain: a new network, augmentation and real batch; the caller disposes of the network.</summary>
    /// <param name="number">Number of the measurement, from 0.</param>
    public IterationDraws ForImportance(int number) =>
        Draw(number, settings.Iterations + number, Purpose.ImportanceNetwork, Purpose.ImportanceAugmentation, Purpose.ImportanceAugmentation);

    private IterationDraws Draw(int number, int batch, Purpose network, Purpose augmentation, Purpose metaAugmentation)
    {
        using var generator = randomness.Generator(network, domain, number);
        AugmentationDraw Augmentation(Purpose purpose) =>
            _augment.Draw(Enumerable.Range(0, stream.Classes.Count).Select(c => randomness.Stream(purpose, domain, number, stream.Shard.First + c)), stream.Shape, device);
        var draw = Augmentation(augmentation);
        return new IterationDraws(
            new ConvNet(settings.Network, stream.Shape, stream.Shard.All, generator, device),
            real.At(batch).to(device),
            draw,
            metaDraw == MetaDraw.Shared ? draw : Augmentation(metaAugmentation));
    }
}
