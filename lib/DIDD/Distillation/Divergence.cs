namespace DIDD.Distillation;

/// <summary>Tells whether an iteration went wrong: a loss that is no longer finite, or a step that left the range of pixels far behind.</summary>
internal static class Divergence
{
    /// <summary>The largest mean |ΔX| of a class's pixels, which live in [0,1], that can still be a step of a distillation.</summary>
    public const float LargestStep = 10;

    /// <summary>Checks an iteration.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="iteration">Index of the iteration, from 0.</param>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="plastic">L_plastic of every class.</param>
    /// <param name="stable">L_stable of every class, or null.</param>
    /// <param name="step">Mean |ΔX| of every class's pixels.</param>
    /// <exception cref="DivergenceException">It went wrong; the message names domain, iteration, class and value.</exception>
    public static void Check(int domain, int iteration, IReadOnlyList<string> classes, float[] plastic, float[]? stable, float[] step)
    {
        foreach (var (name, values, largest) in (ReadOnlySpan<(string, float[], float)>)[
            ("L_plastic", plastic, float.MaxValue), ("L_stable", stable ?? [], float.MaxValue), ("the mean step of a pixel", step, LargestStep)])
        {
            if (Array.FindIndex(values, value => !(float.Abs(value) <= largest)) is >= 0 and var c)
                throw new DivergenceException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"domain {domain + 1}, iteration {iteration}, class {classes[c]}: {name} is {values[c]}; lower distillation.learningRate, or the upper bounds of the rates"));
        }
    }
}
