using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>(⟨u,v⟩+1)², in double precision: the MMD is a small difference of its large means.</summary>
internal sealed class PolynomialKernel : Kernel
{
    public static KernelEntry Entry { get; } = new("polynomial", () => new PolynomialKernel()) { Row = 2 };

    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y) => (Power(x, x), Power(x, y), Power(y, y));

    private static Tensor Power(Tensor u, Tensor v) => (u.to(ScalarType.Float64).bmm(v.to(ScalarType.Float64).transpose(1, 2)) + 1).square();
}
