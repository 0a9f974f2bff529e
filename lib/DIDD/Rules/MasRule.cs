using DIDD.Distillation;
using DIDD.Matching;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="MasRule"/>.</summary>
/// <param name="Lambda">λ, at least 0. The paper's is not published; the default is the best of a sweep (lib/README.md). Beyond
/// η·λ·ΣΩ of about 1 in any pixel, the penalty's own steps overshoot.</param>
/// <param name="Iterations">Networks over which Ω is measured at the end of a domain.</param>
public sealed record MasSettings([property: Range(0, double.MaxValue)] double Lambda = 1e-2, [property: Range(1, int.MaxValue)] int Iterations = 20);

/// <summary>
/// MAS (Aljundi et al. 2018) on pixels: the penalty (λ/2)·ΣΩ(x̂ᵗ−x̂^{t−1})² with Ω = E|∂‖F(x̂)‖²/∂x̂|, F the features of the decoded images (METHOD §4;
/// the paper does not publish its formula for pixels).
/// </summary>
internal sealed class MasRule(MasSettings settings) : ImportanceRule(settings.Lambda, settings.Iterations)
{
    public static RuleEntry Entry { get; } = new("mas", (settings, _) => new MasRule(settings.Section<MasSettings>())) { Title = "MAS", Row = 5 };

    protected override Tensor Objective(DistillationStep state, Tensor images, IterationDraws draws) =>
        state.Features(draws.Network, images, draws.Augmentation).square().sum();

    protected override Tensor Magnitude(Tensor gradient) => gradient.abs();
}
