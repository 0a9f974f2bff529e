using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>Σ_γ exp(−γ‖u−v‖²), γ ∈ {0.1, 1, 5}: the authors' "laplace", really a Gaussian of fixed widths.</summary>
internal sealed class LaplaceKernel : Kernel
{
    public static KernelEntry Entry { get; } = new("laplace", () => new LaplaceKernel()) { Row = 3 };

    private static readonly double[] Gammas = [0.1, 1, 5];

    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y) => (Sum(x, x), Sum(x, y), Sum(y, y));

    private static Tensor Sum(Tensor u, Tensor v)
    {
        var distances = SquaredDistances(u, v);
        return Gammas.Select(gamma => (distances * -gamma).exp()).Aggregate((sum, term) => sum + term);
    }
}
