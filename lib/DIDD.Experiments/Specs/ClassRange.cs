namespace DIDD.Experiments;

/// <summary>Classes from <paramref name="First"/> to <paramref name="Last"/>, both included, by their positions from 0; written <c>0-4</c>.</summary>
public readonly record struct ClassRange(int First, int Last)
{
    /// <summary>Number of classes.</summary>
    public int Count => Last - First + 1;

    /// <summary>Reads a range.</summary>
    /// <param name="text">Such as <c>0-4</c>, or <c>4</c> for one class.</param>
    /// <exception cref="SpecException">It is none.</exception>
    public static ClassRange Parse(string text)
    {
        var ends = text.Split('-');
        return ends.Length <= 2 && Position(ends[0]) is { } first && Position(ends[^1]) is { } last && first <= last
            ? new ClassRange(first, last)
            : throw new SpecException($"--classes {text}: expected the first and the last class, counted from 0, such as 0-4");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static int? Position(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;
}
