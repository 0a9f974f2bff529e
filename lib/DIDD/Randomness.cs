namespace DIDD;

/// <summary>What a random number is for; part of its address.</summary>
public enum Purpose
{
    /// <summary>The angle of a domain.</summary>
    DomainAngle = 1,

    /// <summary>The real images from which the first synthetic set starts.</summary>
    Initialization = 2,

    /// <summary>Weights of the network of one iteration.</summary>
    DistillationNetwork = 3,

    /// <summary>The order of a class's real images in one epoch.</summary>
    RealOrder = 4,

    /// <summary>The augmentation under which the gradients are taken.</summary>
    Augmentation = 5,

    /// <summary>The augmentation under which the meta loss is taken.</summary>
    MetaAugmentation = 6,

    /// <summary>Weights of an evaluation network.</summary>
    EvaluationNetwork = 7,

    /// <summary>Order, augmentation and mixing of an evaluation network's training images.</summary>
    EvaluationTraining = 8,

    /// <summary>Which tiles a domain takes in a reservoir.</summary>
    Reservoir = 20,

    /// <summary>Weights of the network whose features herding follows.</summary>
    Herding = 21,

    /// <summary>Order and augmentation of the synthetic images on which gradient matching trains its network.</summary>
    MatchingTraining = 22,

    /// <summary>Weights from which an expert starts, whose trajectory is matched.</summary>
    ExpertNetwork = 23,

    /// <summary>Order and augmentation of the images on which an expert is trained.</summary>
    ExpertTraining = 24,

    /// <summary>Which part of which expert's trajectory a step matches.</summary>
    ExpertPart = 25,

    /// <summary>Weights of a network under which importance is measured at the end of a domain.</summary>
    ImportanceNetwork = 30,

    /// <summary>The augmentation under which importance is measured at the end of a domain.</summary>
    ImportanceAugmentation = 31,

    /// <summary>Which tiles pass to a new domain.</summary>
    TileOwner = 32,

    /// <summary>Which tile of a class takes which other's rates.</summary>
    RateAssignment = 33,

    /// <summary>Which training images of a class a stream shows.</summary>
    ImagesPerClass = 40,

    /// <summary>Which frames of a session are for training and which for test.</summary>
    SessionSplit = 41,

    /// <summary>Background, light and colour cast of a generated session.</summary>
    SessionScene = 42,

    /// <summary>How an object moves through a generated session, and which of its frames are for test.</summary>
    SessionPath = 43,

    /// <summary>Which pictures of a user's folder are for training and which for test.</summary>
    FolderSplit = 44,

    /// <summary>Which groups a resample of a bootstrap takes.</summary>
    Bootstrap = 50,

    /// <summary>Which tiles a random half of a set takes.</summary>
    TileHalf = 51,
}

/// <summary>
/// Random numbers by address instead of by order: every draw comes from a generator seeded by (seed, purpose, up to three indices). So a run
/// resumes anywhere, and classes can be computed in any order or on different machines, with the same numbers.
/// </summary>
/// <param name="Seed">The seed of the run.</param>
public sealed record Randomness(long Seed)
{
    /// <summary>Numbers for one address.</summary>
    public RandomStream Stream(Purpose purpose, long first = 0, long second = 0, long third = 0) => new(Address(purpose, first, second, third));

    /// <summary>A torch generator (CPU) for one address, for draws of whole tensors.</summary>
    public Generator Generator(Purpose purpose, long first = 0, long second = 0, long third = 0) => new(Address(purpose, first, second, third), CPU);

    /// <summary>
    /// Positions drawn without replacement for one address, from 0 to below <paramref name="available"/>, which is at least 1; where more are asked for than
    /// there are, all of them, and then again.
    /// </summary>
    public long[] Draw(int count, int available, Purpose purpose, long first = 0, long second = 0, long third = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(available, 1);
        using var generator = Generator(purpose, first, second, third);
        var drawn = new List<long>();
        while (drawn.Count < count)
        {
            using var order = randperm(available, generator: generator);
            drawn.AddRange(order.data<long>());
        }
        return [.. drawn.Take(count)];
    }

    private ulong Address(Purpose purpose, long first, long second, long third)
    {
        ReadOnlySpan<long> parts = [Seed, (long)purpose, first, second, third];
        ulong state = 0;
        foreach (var part in parts)
            state = RandomStream.Mix(state + RandomStream.Step + (ulong)part);
        return state;
    }
}

/// <summary>A stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014), the same on every platform.</summary>
/// <param name="state">The starting state; any value is good.</param>
public sealed class RandomStream(ulong state)
{
    internal const ulong Step = 0x9e3779b97f4a7c15;

    private ulong _state = state;

    /// <summary>A uniform number in [0,1) with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1ul << 53));

    /// <summary>A uniform number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Between(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A uniform integer in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public int NextInteger(int from, int to) => from + (int)(NextDouble() * (to - from));

    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private ulong Next() => Mix(_state += Step);
}
