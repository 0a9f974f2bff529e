using DIDD.Data;
using DIDD.Networks;

namespace DIDD.Baselines;

/// <summary>Settings of <see cref="HerdingSelection"/>.</summary>
public sealed record HerdingSettings
{
    /// <summary>Images per class among which is chosen, the first of the class; 0 for all.</summary>
    [Range(0, int.MaxValue)]
    public int Candidates { get; init; }

    /// <summary>The network that gives the features.</summary>
    public ConvNetSettings Network { get; init; } = new();
}

/// <summary>
/// Herding (Welling 2009, as Rebuffi et al. 2017 choose exemplars): one by one the image with which the mean of the features of the images
/// chosen comes closest to the mean of the class. The features are the penultimate ones, not normalised, of a <see cref="ConvNet"/> with random
/// weights, the same for all classes of a domain and another for every domain: nothing is trained, and old domains are
/// not looked at: the class is that of the present domain.
/// </summary>
internal sealed class HerdingSelection(HerdingSettings settings, DomainStream stream, Randomness randomness, Device device)
{
    public static LearnerEntry Entry { get; } = new(
        "herding", context => Reservoir.Of(context, new HerdingSelection(context.Herding, context.Stream, context.Randomness, context.Device).Choose))
    {
        Title = "Herding",
        Row = 2,
        Section = "herding",
        Distils = false,
        WholeImages = true,
    };

    public IReadOnlyList<long> Choose(DomainSet train, int domain, int label, int count)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var candidates = train.ByClass[label].Take(settings.Candidates > 0 ? Math.Max(settings.Candidates, count) : int.MaxValue).ToArray();
        using var generator = randomness.Generator(Purpose.Herding, domain);
        using var network = new ConvNet(settings.Network, stream.Shape, stream.Shard.All, generator, device);
        var images = train.Scaled(tensor(candidates), device);
        return [.. Herd(network.Embed(stream.Normalization.Apply(images)), count).Select(position => candidates[position])];
    }

    /// <summary>Positions of points [n,d] in the order of the choice; beyond n they are chosen again.</summary>
    public static IReadOnlyList<long> Herd(Tensor features, int count)
    {
        using var scope = NewDisposeScope();
        var mean = features.mean([0]);
        var sum = zeros_like(mean);
        var taken = zeros(features.shape[0], device: features.device);
        var chosen = new List<long>();
        while (chosen.Count < count)
        {
            using var step = NewDisposeScope();
            if (chosen.Count % features.shape[0] == 0)
                taken.zero_();
            var distances = ((sum + features) / (chosen.Count + 1) - mean).square().sum(1) + taken;
            chosen.Add(distances.argmin().item<long>());
            sum.add_(features[chosen[^1]]);
            taken[chosen[^1]] = double.PositiveInfinity;
        }
        return chosen;
    }
}
