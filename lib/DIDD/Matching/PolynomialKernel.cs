using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>(⟨u,v⟩+1)².</summary>
public sealed class PolynomialKernel : Kernel
{
    /// <inheritdoc/>
    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y) => (Power(x, x), Power(x, y), Power(y, y));

    private static Tensor Power(Tensor u, Tensor v) => (u.bmm(v.transpose(1, 2)) + 1).square();
}
