namespace DIDD.Figures;

/// <summary>One position of <see cref="Plot.Slider"/>.</summary>
/// <param name="Label">What the position is called, such as the number of the domain.</param>
/// <param name="Figure">What is seen there.</param>
public sealed record SliderStep(string Label, Figure Figure);
