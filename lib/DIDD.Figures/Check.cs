namespace DIDD.Figures;

/// <summary>Checks of what a figure is given; each message says what is wrong and what to do.</summary>
internal static class Check
{
    public static void NotEmpty<T>(IReadOnlyCollection<T> items, string what, string advice)
    {
        if (items.Count == 0)
            throw new ArgumentException($"There is no {what}; {advice}.");
    }

    public static void Length<T>(IReadOnlyCollection<T>? items, int expected, string what, string of)
    {
        if (items is not null && items.Count != expected)
            throw new ArgumentException($"There are {items.Count} {what} for {expected} {of}; give one for each.");
    }

    public static void Range((double Low, double High) range, string what)
    {
        if (!double.IsFinite(range.Low) || !double.IsFinite(range.High) || range.Low >= range.High)
            throw new ArgumentException(
                $"The range of {what} is {Numbers.Text(range.Low)} to {Numbers.Text(range.High)}; give two finite numbers, the lower first.");
    }

    public static void AnyFinite(IEnumerable<double> values, string what)
    {
        if (!values.Any(double.IsFinite))
            throw new ArgumentException($"{what} has no finite value; leave it out, or look where its NaN come from.");
    }
}
