using static TorchSharp.torch;

namespace DIDD.Distillation;

/// <summary>Tells whether an iteration went wrong: a loss that is no longer finite, or a step that left the range of pixels far behind.</summary>
public static class Divergence
{
    /// <summary>The largest mean |ΔX| of a class's pixels, which live in [0,1], that can still be a step of a distillation.</summary>
    public const float LargestStep = 10;

    /// <summary>Checks an iteration.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="iteration">Index of the iteration, from 0.</param>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="measures">What the iteration measured.</param>
    /// <exception cref="DivergenceException">It went wrong; the message names domain, iteration, class and value.</exception>
    public static void Check(int domain, int iteration, IReadOnlyList<string> classes, IterationMeasures measures)
    {
        foreach (var (name, tensor, largest) in (ReadOnlySpan<(string, Tensor?, float)>)[
            ("L_plastic", measures.Plastic, float.MaxValue), ("L_stable", measures.Stable, float.MaxValue), ("the mean step of a pixel", measures.Step, LargestStep)])
        {
            var values = tensor?.cpu().data<float>().ToArray() ?? [];
            if (Array.FindIndex(values, value => !(float.Abs(value) <= largest)) is >= 0 and var c)
                throw new DivergenceException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"domain {domain + 1}, iteration {iteration}, class {classes[c]}: {name} is {values[c]}; lower distillation.learningRate, or the upper bounds of the rates"));
        }
    }
}
