using DIDD.Distillation;

namespace DIDD.Rules;

/// <summary>Finetune: L_plastic alone; what it forgets is the problem (METHOD §4).</summary>
internal sealed class FinetuneRule : UpdateRule
{
    public static RuleEntry Entry { get; } = new("finetune", (_, _) => new FinetuneRule()) { Title = "Finetune", Row = 0 };

    public override bool NeedsStability => false;

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) => plastic;
}
