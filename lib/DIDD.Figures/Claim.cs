using System.Globalization;

namespace DIDD.Figures;

/// <summary>
/// What a notebook says of its own numbers, checked as it runs: a claim that holds is printed with its numbers, one that does not ends the
/// notebook, and with it the test of it.
/// </summary>
public static class Claim
{
    /// <summary>Checks a claim.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="sentence">The claim with its numbers.</param>
    /// <exception cref="ClaimException">It does not hold.</exception>
    public static void That(bool holds, string sentence)
    {
        if (!holds)
            throw new ClaimException($"does not hold: {sentence}");
        Console.WriteLine($"holds: {sentence}");
    }

    /// <summary>Checks that a number is near another.</summary>
    /// <param name="what">What the number is.</param>
    /// <param name="value">The number.</param>
    /// <param name="expected">The other.</param>
    /// <param name="tolerance">How far they may be apart, in their unit.</param>
    /// <exception cref="ClaimException">They are further apart, or one is no number.</exception>
    public static void Near(string what, double value, double expected, double tolerance) =>
        That(Math.Abs(value - expected) <= tolerance, string.Create(CultureInfo.InvariantCulture, $"{what} = {value:0.###}, expected {expected:0.###} ± {tolerance:0.###}"));
}

/// <summary>A claim of a notebook that does not hold. Either the code changed, or the machine: look at the numbers before changing the claim.</summary>
public sealed class ClaimException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ClaimException(string message) : base(message)
    {
    }
}
