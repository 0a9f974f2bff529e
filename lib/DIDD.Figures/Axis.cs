namespace DIDD.Figures;

/// <summary>One axis: what it shows, in which unit, over which range.</summary>
/// <param name="Title">What the axis shows, such as <c>iteration</c>.</param>
/// <param name="Unit">The unit, shown in brackets after the title and after values on hover; empty for a pure number.</param>
/// <param name="Range">The lowest and highest value shown, in the axis's unit; null leaves it to the data.</param>
/// <param name="Logarithmic">Whether the axis is logarithmic (base 10); values and range must then be positive.</param>
public sealed record Axis(string Title, string Unit = "", (double Low, double High)? Range = null, bool Logarithmic = false)
{
    private const int FewValues = 6;

    internal string Label => Unit.Length == 0 ? Title : $"{Title} ({Unit})";

    internal string Suffix => Unit.Length == 0 ? "" : " " + Labels.ForTemplate(Unit);

    /// <summary>The axis, where logarithmic with labels at the values, if they are few, else at 1, 2 and 5 times the powers of ten around them.</summary>
    internal Node Build(params IEnumerable<double> values)
    {
        var axis = Theme.Axis(Label);
        if (Logarithmic)
            axis["type"] = "log";
        if (Range is { } range)
        {
            Check.Range(range, $"the axis '{Title}'");
            if (Logarithmic && range.Low <= 0)
                throw new ArgumentException($"The logarithmic axis '{Title}' starts at {Numbers.Text(range.Low)}; give a range above zero.");
            axis["range"] = Logarithmic ? new[] { Math.Log10(range.Low), Math.Log10(range.High) } : new[] { range.Low, range.High };
        }
        if (!Logarithmic || values.Where(value => double.IsFinite(value) && value > 0).ToList() is not { Count: > 0 } shown)
            return axis;
        var distinct = shown.Distinct().Order().ToArray();
        var powers = Enumerable.Range((int)Math.Floor(Math.Log10(shown.Min())) - 1, (int)Math.Ceiling(Math.Log10(shown.Max() / shown.Min())) + 3);
        var ticks = distinct.Length <= FewValues ? distinct : powers.SelectMany(power => new[] { 1.0, 2, 5 }.Select(step => step * Math.Pow(10, power))).ToArray();
        axis["tickmode"] = "array";
        axis["tickvals"] = ticks;
        axis["ticktext"] = ticks.Select(Numbers.Text).ToArray();
        return axis;
    }
}
