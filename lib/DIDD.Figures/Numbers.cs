namespace DIDD.Figures;

/// <summary>Numbers as figures hold them: six significant digits, which no screen resolves, and null for what is not finite, which JSON can't hold.</summary>
internal static class Numbers
{
    public static object? Compact(double value) =>
        double.IsFinite(value) ? double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;

    public static object?[] Compact(IEnumerable<double> values) => [.. values.Select(Compact)];

    public static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
