namespace DIDD.Figures;

/// <summary>A link in a cell of a <see cref="Table"/>.</summary>
/// <param name="Text">What is seen.</param>
/// <param name="Address">Where it leads: a path from the notebook's folder.</param>
public sealed record Link(string Text, string Address);
