using static TorchSharp.torch;

namespace DIDD.Rules;

/// <summary>+L_stable: g_S + g_P, the symmetric update, ᾱ = β̄ = 1 (METHOD §4).</summary>
public sealed class StableRule : UpdateRule
{
    /// <inheritdoc/>
    public override bool NeedsStability => true;

    /// <inheritdoc/>
    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) => stable! + plastic;
}
