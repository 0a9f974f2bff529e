namespace DIDD.Figures;

/// <summary>One axis: what it shows, in which unit, over which range.</summary>
/// <param name="Title">What the axis shows, such as <c>iteration</c>.</param>
/// <param name="Unit">The unit, shown in brackets after the title and after values on hover; empty for a pure number.</param>
/// <param name="Range">The lowest and highest value shown, in the axis's unit; null leaves it to the data.</param>
/// <param name="Logarithmic">Whether the axis is logarithmic (base 10); values and range must then be positive.</param>
public sealed record Axis(string Title, string Unit = "", (double Low, double High)? Range = null, bool Logarithmic = false)
{
    internal string Label => Unit.Length == 0 ? Title : $"{Title} ({Unit})";

    internal string Suffix => Unit.Length == 0 ? "" : " " + Labels.ForTemplate(Unit);

    internal Node Build()
    {
        if (Range is { } range)
        {
            Check.Range(range, $"the axis '{Title}'");
            if (Logarithmic && range.Low <= 0)
                throw new ArgumentException($"The logarithmic axis '{Title}' starts at {Numbers.Text(range.Low)}; give a range above zero.");
        }

        var axis = Theme.Axis(Label);
        if (Logarithmic)
            axis["type"] = "log";
        if (Range is { } shown)
            axis["range"] = Logarithmic ? new[] { Math.Log10(shown.Low), Math.Log10(shown.High) } : new[] { shown.Low, shown.High };
        return axis;
    }
}
