using DIDD.Distillation;
using DIDD.Synthetic;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="LinearRule"/>; the bounds are those of the asymmetric rule.</summary>
/// <param name="PerTile">One pair of rates per tile; else per stored image.</param>
/// <param name="Low">ᾱ of a class's first sample and β̄ of its last, at least 0.</param>
/// <param name="High">ᾱ of a class's last sample and β̄ of its first, at least <paramref name="Low"/>.</param>
public sealed record LinearSettings(bool PerTile = true, [property: Range(0, double.MaxValue)] double Low = 0, [property: Range(0, double.MaxValue)] double High = 2) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Low > High)
            yield return new ValidationResult($"must be at most high={High}", [nameof(Low)]);
    }
}

/// <summary>
/// Linear assignment: ᾱ_i·g_S + β̄_i·g_P with fixed rates, ᾱ_i = lo+(hi−lo)·i/(n−1) and β̄_i = hi−(hi−lo)·i/(n−1) for sample i of the n of its class
/// (both (lo+hi)/2 where n = 1). The paper publishes no more than "a linear ramp over the sample index" (METHOD §4); direction and bounds are
/// choices made here.
/// </summary>
internal sealed class LinearRule(LinearSettings settings, RuleContext context) : UpdateRule
{
    public static RuleEntry Entry { get; } = new("linear", (settings, context) => new LinearRule(settings.Section<LinearSettings>(), context)) { Title = "Linear", Row = 2 };

    private readonly TileGrid _grid = new(settings.PerTile ? context.Factor : 1, context.Shape, context.Device, context.Type);

    public override bool NeedsStability => true;

    public override Tensor Alpha { get; } = Ramp(settings.Low, settings.High, settings, context);

    public override Tensor Beta { get; } = Ramp(settings.High, settings.Low, settings, context);

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) =>
        _grid.Spread(Alpha) * stable! + _grid.Spread(Beta) * plastic;

    public override void Dispose()
    {
        _grid.Dispose();
        Alpha.Dispose();
        Beta.Dispose();
        base.Dispose();
    }

    private static Tensor Ramp(double first, double last, LinearSettings settings, RuleContext context)
    {
        var samples = context.Ipc * (settings.PerTile ? context.Factor * context.Factor : 1);
        return (samples == 1
            ? full(context.Classes, (first + last) / 2, dtype: context.Type, device: context.Device)
            : linspace(first, last, samples, dtype: context.Type, device: context.Device).repeat(context.Classes)).DetachFromDisposeScope();
    }
}
