using static TorchSharp.torch;

namespace DIDD.Matching;

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
