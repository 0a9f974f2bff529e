using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Networks;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="LwfRule"/>.</summary>
/// <param name="Lambda">λ, at least 0. The paper's is not published; the default is the best of a sweep (lib/README.md).</param>
public sealed record LwfSettings([property: Range(0, double.MaxValue)] double Lambda = 1);

/// <summary>
/// LwF (Li and Hoiem 2016) on pixels: d = CE(softmax(z(x̂^{t−1})/2), log softmax(z(x̂ᵗ)/2)) with the teacher's class scores z (METHOD §4; the paper does
/// not publish its formula for pixels).
/// </summary>
internal sealed class LwfRule(LwfSettings settings, EvaluationSettings training, RuleContext context) : TeacherRule(settings.Lambda, training, context)
{
    public static RuleEntry Entry { get; } = new("lwf", (settings, context) => new LwfRule(settings.Section<LwfSettings>(), settings.Section<EvaluationSettings>(), context)) { Title = "LwF", Row = 6, HasTeacher = true, ClassesInteract = _ => TrainedOnAll };

    private const double Temperature = 2;

    protected override Tensor Output(Network teacher, Tensor features) => teacher.Logits(features);

    protected override Tensor Distances(Tensor output, Tensor target) => -(F.softmax(target / Temperature, 1) * F.log_softmax(output / Temperature, 1)).sum(1);
}
