namespace DIDD.Matching;

/// <summary>What is known of a kernel before it is made.</summary>
internal sealed record KernelEntry(string Name, Func<Kernel> Create) : Entry<KernelEntry>(Name);

/// <summary>A positive kernel k(u,v) on features.</summary>
internal abstract class Kernel
{
    /// <summary>Kernel matrices per class of x [C,n,d] and y [C,m,d]: K_XX [C,n,n], K_XY [C,n,m], K_YY [C,m,m]; of the type of x, or wider.</summary>
    public abstract (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y);

    /// <summary>
    /// The squared maximum mean discrepancy per class, [C], between features X, [C,n,d], and Y, [C,m,d] (METHOD §2): mean(K_XX) − 2·mean(K_XY) + mean(K_YY),
    /// biased, diagonal included, no square root.
    /// </summary>
    public Tensor Mmd(Tensor x, Tensor y)
    {
        var (xx, xy, yy) = Matrices(x, y);
        return (xx.mean([1, 2]) - 2 * xy.mean([1, 2]) + yy.mean([1, 2])).to(x.dtype);
    }

    /// <summary>Squared distances, [C,n,m] of [C,n,d] and [C,m,d], ‖u‖²+‖v‖²−2⟨u,v⟩ clamped at 0: no square root, so its gradient is finite at 0.</summary>
    protected static Tensor SquaredDistances(Tensor u, Tensor v) =>
        ((u * u).sum(-1, keepdim: true) + (v * v).sum(-1).unsqueeze(1) - 2 * u.bmm(v.transpose(1, 2))).clamp_min(0);
}

/// <summary>Σ_{j=−2..2} exp(−‖u−v‖²/(b·2^j)) with the bandwidth b = ΣD/(N²−N) over all N = n+m points of the class, taken as a constant (METHOD §2).</summary>
internal sealed class GaussianKernel : Kernel
{
    public static KernelEntry Entry { get; } = new("gaussian", () => new GaussianKernel()) { Row = 0 };

    // Of ‖z‖²: well above what rounding makes of the distance of two equal points, well below any real one.
    private const double LeastBandwidth = 1e-5;

    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y)
    {
        var (xx, xy, yy) = (SquaredDistances(x, x), SquaredDistances(x, y), SquaredDistances(y, y));
        var points = x.shape[1] + y.shape[1];
        var bandwidth = (Total(xx) + 2 * Total(xy) + Total(yy)) / (points * points - points);
        // One image a side, as at IPC 1 without tiles, may equal the other: then there is no distance to take a scale from.
        if (points == 2)
            bandwidth = bandwidth.maximum((LeastBandwidth / 2) * (Norms(x) + Norms(y)));
        return (Sum(xx, bandwidth), Sum(xy, bandwidth), Sum(yy, bandwidth));
    }

    private static Tensor Total(Tensor distances) => distances.detach().sum([1, 2], keepdim: true);

    private static Tensor Norms(Tensor points) => points.detach().square().sum([1, 2], keepdim: true);

    // exp(−D/4b) squared is exp(−D/2b), and so on: one exponential serves all five kernels.
    private static Tensor Sum(Tensor distances, Tensor bandwidth)
    {
        var kernel = (distances / (-4 * bandwidth)).exp();
        var sum = kernel;
        for (var j = 1; j >= -2; j--)
        {
            kernel = kernel * kernel;
            sum = sum + kernel;
        }
        return sum;
    }
}

/// <summary>⟨u,v⟩: the MMD is then the squared distance of the feature means, DM's objective.</summary>
internal sealed class LinearKernel : Kernel
{
    public static KernelEntry Entry { get; } = new("linear", () => new LinearKernel()) { Row = 1 };

    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y) =>
        (x.bmm(x.transpose(1, 2)), x.bmm(y.transpose(1, 2)), y.bmm(y.transpose(1, 2)));
}

/// <summary>(⟨u,v⟩+1)², in double precision: the MMD is a small difference of its large means.</summary>
internal sealed class PolynomialKernel : Kernel
{
    public static KernelEntry Entry { get; } = new("polynomial", () => new PolynomialKernel()) { Row = 2 };

    public override (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y) => (Power(x, x), Power(x, y), Power(y, y));

    private static Tensor Power(Tensor u, Tensor v) => (u.to(ScalarType.Float64).bmm(v.to(ScalarType.Float64).transpose(1, 2)) + 1).square();
}

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
