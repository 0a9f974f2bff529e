using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>⟨u,v⟩: the MMD is then the squared distance of the feature means, DM's objective.</summary>
internal sealed class LinearKernel : Kernel
{
    public static KernelEntry Entry { get; } = new("linear", () => new LinearKernel()) { Row = 1 };

    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y) =>
        (x.bmm(x.transpose(1, 2)), x.bmm(y.transpose(1, 2)), y.bmm(y.transpose(1, 2)));
}
