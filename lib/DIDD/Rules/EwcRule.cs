using DIDD.Distillation;
using DIDD.Matching;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="EwcRule"/>.</summary>
/// <param name="Lambda">λ, at least 0. The paper's is not published; the default is the best of a sweep (lib/README.md). Beyond
/// η·λ·ΣΩ of about 1 in any pixel, the penalty's own steps overshoot.</param>
/// <param name="Iterations">Networks and real batches over which Ω is measured at the end of a domain.</param>
public sealed record EwcSettings([property: Range(0, double.MaxValue)] double Lambda = 10, [property: Range(1, int.MaxValue)] int Iterations = 20);

/// <summary>
/// EWC (Kirkpatrick et al. 2017) on pixels: the penalty (λ/2)·ΣΩ(x̂ᵗ−x̂^{t−1})² with the diagonal Fisher information Ω = E[(∂L_P/∂x̂)²] (METHOD §4; the
/// paper does not publish its formula for pixels).
/// </summary>
internal sealed class EwcRule(EwcSettings settings) : ImportanceRule(settings.Lambda, settings.Iterations)
{
    public static RuleEntry Entry { get; } = new("ewc", (settings, _) => new EwcRule(settings.Section<EwcSettings>())) { Title = "EWC", Row = 4 };

    protected override Tensor Objective(DistillationStep state, Tensor images, IterationDraws draws) => state.PlasticLosses(images, draws).sum();

    protected override Tensor Magnitude(Tensor gradient) => gradient.square();
}
