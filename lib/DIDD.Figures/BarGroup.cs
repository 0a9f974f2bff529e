namespace DIDD.Figures;

/// <summary>The bars of one colour in <see cref="Plot.Bars"/>: a value in each category.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Values">One value for each category; NaN leaves the place empty.</param>
/// <param name="Errors">Half the length of the error bar of each value, in the same unit, at least zero; null for none.</param>
/// <param name="Colours">A colour for each category, such as a rule's (<see cref="Theme.Rule"/>); that of the group's place in the figure if null.</param>
/// <param name="Hollow">Whether the bars are outlines, as what was published beside what was measured.</param>
public sealed record BarGroup(
    string Name, IReadOnlyList<double> Values, IReadOnlyList<double>? Errors = null, IReadOnlyList<string>? Colours = null, bool Hollow = false);
