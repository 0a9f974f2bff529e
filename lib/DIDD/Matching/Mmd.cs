using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>
/// The squared maximum mean discrepancy between synthetic and target features, M3D's objective (METHOD §2): mean(K_XX) − 2·mean(K_XY) +
/// mean(K_YY), biased, diagonal included, no square root.
/// </summary>
internal sealed class Mmd(Kernel kernel)
{
    /// <summary>The loss of every class, [C], between features X, [C,n,d], and Y, [C,m,d].</summary>
    public Tensor Losses(Tensor synthetic, Tensor target)
    {
        var (xx, xy, yy) = kernel.Matrices(synthetic, target);
        return (xx.mean([1, 2]) - 2 * xy.mean([1, 2]) + yy.mean([1, 2])).to(synthetic.dtype);
    }
}
