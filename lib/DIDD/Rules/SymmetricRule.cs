using DIDD.Data;
using DIDD.Distillation;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="SymmetricRule"/>.</summary>
/// <param name="Steps">
/// Factors of the step at evenly spaced iterations of a domain t &gt; 1, from the first to the last, linear between them, such as <c>1,0.5</c>; empty for 1 throughout. With the
/// mean rates of an asymmetric run it is the control that shrinks its step as that run did, and assigns nothing to any tile.
/// </param>
public sealed record SymmetricSettings(string Steps = "") : IValidatableObject
{
    /// <summary>The factors; none where the step stays.</summary>
    public IReadOnlyList<double> Factors() => [.. Texts.Select(text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture))];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Texts.Where(text => !(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor is >= 0 and <= double.MaxValue))
            .Take(1).Select(text => new ValidationResult($"'{text}' is no factor: numbers from 0 on, separated by commas", [nameof(Steps)]));

    private IReadOnlyList<string> Texts => DataSettings.Members(Steps);
}

/// <summary>+L_stable: g_S + g_P, the symmetric update, ᾱ = β̄ = 1 (METHOD §4), or both the factor of <see cref="SymmetricSettings.Steps"/>.</summary>
internal sealed class SymmetricRule(SymmetricSettings? settings = null, int iterations = 1) : UpdateRule
{
    public static RuleEntry Entry { get; } = new("stable", (settings, context) => new SymmetricRule(settings.Section<SymmetricSettings>(), context.Iterations)) { Title = "+L_stable", Row = 1 };

    private const string IterationName = "stable.iteration";

    private readonly IReadOnlyList<double> _factors = settings?.Factors() ?? [];
    private int _iteration;

    public override bool NeedsStability => true;

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
    {
        var symmetric = stable! + plastic;
        return _factors.Count == 0 ? symmetric : symmetric * Factor(_iteration++);
    }

    public override void Save(IDictionary<string, Tensor> state) => state[IterationName] = tensor(_iteration);

    public override void Restore(IReadOnlyDictionary<string, Tensor> state) => _iteration = state[IterationName].item<int>();

    private double Factor(int iteration)
    {
        var position = (double)iteration / Math.Max(1, iterations - 1) * (_factors.Count - 1);
        var before = Math.Min((int)position, _factors.Count - 1);
        var after = Math.Min(before + 1, _factors.Count - 1);
        return _factors[before] + (position - before) * (_factors[after] - _factors[before]);
    }
}
