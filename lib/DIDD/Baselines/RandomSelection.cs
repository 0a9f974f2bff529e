using DIDD.Data;

namespace DIDD.Baselines;

/// <summary>Images at random; the same as those from which the first set starts.</summary>
internal sealed class RandomSelection(Randomness randomness, int first = 0)
{
    /// <summary>The learner for specs: whole images of the reservoir.</summary>
    public static LearnerEntry Entry { get; } = new("random", Reservoir.Entry.Create) { Title = "Random real", Row = 1, Distils = false, WholeImages = true, ForTiles = "take reservoir for tiles" };

    public IReadOnlyList<long> Choose(DomainSet train, int domain, int label, int count)
    {
        var images = train.ByClass[label];
        return [.. randomness.Draw(count, images.Count, Purpose.Initialization, domain, first + label).Select(position => images[(int)position])];
    }
}
