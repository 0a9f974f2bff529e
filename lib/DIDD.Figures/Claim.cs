namespace DIDD.Figures;

/// <summary>
/// What a notebook says of its own numbers, checked as it runs: a claim that holds is printed with its numbers, one that does not ends the
/// notebook, and with it the test of it.
/// </summary>
public static class Claim
{
    /// <summary>Checks a claim.</summary>
    /// <exception cref="ClaimException">It does not hold.</exception>
    public static void That(bool holds, string sentence)
    {
        if (!holds)
            throw new ClaimException($"does not hold: {sentence}");
        Console.WriteLine($"holds: {sentence}");
    }

    /// <summary>Checks that the whole 95 % interval of a measure lies above that of another.</summary>
    /// <exception cref="ClaimException">The intervals overlap, or one has none.</exception>
    public static void Above(string what, MeanInterval high, MeanInterval low) =>
        That(high.Mean - high.HalfWidth > low.Mean + low.HalfWidth, $"{what}: {high} above {low}, intervals apart");
}

/// <summary>A claim of a notebook that does not hold. Either the code changed, or the machine: look at the numbers before changing the claim.</summary>
public sealed class ClaimException(string message) : Exception(message);
