using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Networks;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="LfRule"/>.</summary>
/// <param name="Lambda">λ, at least 0. The paper's is not published; the default is the best of a sweep (lib/README.md).</param>
public sealed record LfSettings([property: Range(0, double.MaxValue)] double Lambda = 1e-3);

/// <summary>
/// Less-forgetting (Jung et al. 2016) on pixels: d = ‖F(x̂ᵗ)−F(x̂^{t−1})‖² with the teacher's penultimate features F (METHOD §4; the paper does not
/// publish its formula for pixels).
/// </summary>
internal sealed class LfRule(LfSettings settings, EvaluationSettings training, RuleContext context) : TeacherRule(settings.Lambda, training, context)
{
    public static RuleEntry Entry { get; } = new("lf", (settings, context) => new LfRule(settings.Section<LfSettings>(), settings.Section<EvaluationSettings>(), context)) { Title = "LF", Row = 7, HasTeacher = true, ClassesInteract = _ => TrainedOnAll };

    protected override Tensor Output(Network teacher, Tensor features) => features;

    protected override Tensor Distances(Tensor output, Tensor target) => (output - target).square().sum(1);
}
