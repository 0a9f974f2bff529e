namespace DIDD.Figures;

/// <summary>Values whose distribution <see cref="Plot.Histogram"/> shows.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Values">The values, in any order; those that are not finite are not counted.</param>
/// <param name="Colour">Its colour, such as a rule's (<see cref="Theme.Rule"/>); that of its place in the figure if null.</param>
public sealed record Sample(string Name, IReadOnlyList<double> Values, string? Colour = null);
