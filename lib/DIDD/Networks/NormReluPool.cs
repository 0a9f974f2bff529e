using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace DIDD.Networks;

/// <summary>
/// Instance norm, ReLU and average pooling 2×2 of a block as one operation, forward and backward. What a convolution wrote is read while it is
/// still in the cache; as separate operations these three cost more than the convolutions. Float32 on the CPU, channels last, a thread per
/// image: the result does not depend on the number of threads.
/// </summary>
internal static unsafe class NormReluPool
{
    /// <summary>The number of channels must be a multiple of this: a line of the cache.</summary>
    public const int ChannelMultiple = 16;

    private const float Epsilon = 1e-5f;

    /// <summary>Forward.</summary>
    /// <param name="images">[N,H,W,C], contiguous, float32, CPU.</param>
    /// <param name="scale">γ, [C].</param>
    /// <param name="shift">β, [C].</param>
    /// <returns>The pooled images, [N,⌊H/2⌋,⌊W/2⌋,C], and mean and 1/σ per image and channel, [N,2,C].</returns>
    public static (Tensor Pooled, Tensor Moments) Forward(Tensor images, Tensor scale, Tensor shift)
    {
        var size = new Size(images);
        var (pooled, moments) = (empty(size.N, size.H / 2, size.W / 2, size.C), empty(size.N, 2, size.C));
        float* x = Pointer(images), gamma = Pointer(scale), beta = Pointer(shift), y = Pointer(pooled), m = Pointer(moments);
        PerImage(size.N, n => Forward(size, x + n * size.Pixels * size.C, gamma, beta, y + n * size.PooledPixels * size.C, m + n * 2 * size.C));
        return (pooled, moments);
    }

    /// <summary>Backward.</summary>
    /// <param name="images">What <see cref="Forward(Tensor, Tensor, Tensor)"/> took, [N,H,W,C].</param>
    /// <param name="scale">γ, [C].</param>
    /// <param name="shift">β, [C].</param>
    /// <param name="moments">What it gave, [N,2,C].</param>
    /// <param name="gradient">Gradients of the pooled images, K of them: [K·N,⌊H/2⌋,⌊W/2⌋,C], contiguous.</param>
    /// <returns>Gradients of the images, [K·N,H,W,C], and of scale and shift, a share of every image, [K·N,2,C].</returns>
    public static (Tensor Images, Tensor ScaleAndShift) Backward(Tensor images, Tensor scale, Tensor shift, Tensor moments, Tensor gradient)
    {
        var size = new Size(images);
        var count = (int)gradient.shape[0];
        var (result, sums) = (empty(count, size.H, size.W, size.C), empty(count, 2, size.C));
        float* x = Pointer(images), gamma = Pointer(scale), beta = Pointer(shift), m = Pointer(moments), g = Pointer(gradient), r = Pointer(result), s = Pointer(sums);
        PerImage(count, k =>
        {
            var n = k % size.N;
            Backward(
                size, x + n * size.Pixels * size.C, gamma, beta, m + n * 2 * size.C,
                g + k * size.PooledPixels * size.C, r + k * size.Pixels * size.C, s + k * 2 * size.C);
        });
        return (result, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward(Size size, float* x, float* scale, float* shift, float* y, float* moments)
    {
        var quarter = Vector512.Create(0.25f);
        for (var c = 0; c < size.C; c += ChannelMultiple)
        {
            var mean = Mean(size, x + c, out var deviation);
            mean.Store(moments + c);
            deviation.Store(moments + size.C + c);
            var a = Load(scale + c) * deviation;
            var b = Load(shift + c) - mean * a;
            for (var row = 0; row < size.H / 2; row++)
            {
                float* upper = x + c + 2 * row * size.W * size.C, lower = upper + size.W * size.C, to = y + c + row * (size.W / 2) * size.C;
                for (var column = 0; column < size.W / 2; column++, upper += 2 * size.C, lower += 2 * size.C, to += size.C)
                    ((Rectified(upper, a, b) + Rectified(upper + size.C, a, b) + Rectified(lower, a, b) + Rectified(lower + size.C, a, b)) * quarter).Store(to);
            }
        }
    }

    // Mean and 1/σ about the first pixel: no cancellation where the mean is far from 0, none at all where all pixels are equal. Sums of rows, then
    // of these: the rounding of 1,024 terms in a chain would be several times that of the library's own norm.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mean(Size size, float* x, out Vector512<float> deviation)
    {
        var origin = Load(x);
        Vector512<float> sum = default, squares = default;
        for (var row = 0; row < size.H; row++)
        {
            Vector512<float> rowSum = default, rowSquares = default;
            for (var column = 0; column < size.W; column++, x += size.C)
            {
                var d = Load(x) - origin;
                rowSum += d;
                rowSquares = Vector512.FusedMultiplyAdd(d, d, rowSquares);
            }
            sum += rowSum;
            squares += rowSquares;
        }
        var mean = sum / size.Pixels;
        var variance = Vector512.Max(squares / size.Pixels - mean * mean, Vector512<float>.Zero);
        deviation = Vector512<float>.One / Vector512.Sqrt(variance + Vector512.Create(Epsilon));
        return origin + mean;
    }

    // With z = a·x + b, d = x − mean and g the gradient of ReLU's input: γ/σ·(g − mean(g) − d/σ²·mean(g·d)).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Backward(Size size, float* x, float* scale, float* shift, float* moments, float* gradient, float* result, float* sums)
    {
        var (rows, columns) = (size.H / 2, size.W / 2);
        for (var c = 0; c < size.C; c += ChannelMultiple)
        {
            Vector512<float> mean = Load(moments + c), deviation = Load(moments + size.C + c), sum = default, product = default;
            var a = Load(scale + c) * deviation;
            var b = Load(shift + c) - mean * a;
            for (var row = 0; row < 2 * rows; row++)
            {
                float* from = x + c + row * size.W * size.C, g = gradient + c + row / 2 * columns * size.C;
                Vector512<float> rowSum = default, rowProduct = default;
                for (var column = 0; column < columns; column++, from += 2 * size.C, g += size.C)
                {
                    Vector512<float> first = Load(from), second = Load(from + size.C), pooled = Load(g);
                    Vector512<float> g0 = Passed(first, a, b, pooled), g1 = Passed(second, a, b, pooled);
                    rowSum += g0 + g1;
                    rowProduct = Vector512.FusedMultiplyAdd(g0, first - mean, Vector512.FusedMultiplyAdd(g1, second - mean, rowProduct));
                }
                sum += rowSum;
                product += rowProduct;
            }
            (product * deviation * 0.25f).Store(sums + c);
            (sum * 0.25f).Store(sums + size.C + c);
            // result = pooled/4·a − (mean(g)·a − mean·slope) − x·slope, where slope = a·mean(g·d)/σ².
            var (share, quarter) = (0.25f / size.Pixels, a * 0.25f);
            var slope = a * product * deviation * deviation * share;
            var offset = mean * slope - a * sum * share;
            for (var row = 0; row < size.H; row++)
            {
                float* from = x + c + row * size.W * size.C, g = gradient + c + row / 2 * columns * size.C, to = result + c + row * size.W * size.C;
                for (var column = 0; column < size.W; column++, from += size.C, to += size.C)
                {
                    var value = Load(from);
                    var passed = row < 2 * rows && column < 2 * columns ? Passed(value, a, b, Load(g + column / 2 * size.C)) : default;
                    Vector512.FusedMultiplyAdd(passed, quarter, offset - value * slope).Store(to);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Rectified(float* x, Vector512<float> a, Vector512<float> b) => Vector512.Max(Vector512.FusedMultiplyAdd(a, Load(x), b), Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Passed(Vector512<float> x, Vector512<float> a, Vector512<float> b, Vector512<float> gradient) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(Vector512.FusedMultiplyAdd(a, x, b), Vector512<float>.Zero), gradient, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(float* from) => Vector512.Load(from);

    private static float* Pointer(Tensor tensor)
    {
        fixed (byte* first = tensor.bytes)
            return (float*)first;
    }

    private static void PerImage(int count, Action<int> compute)
    {
        var workers = Math.Min(count, get_num_threads());
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, worker =>
        {
            for (var n = (int)((long)count * worker / workers); n < (int)((long)count * (worker + 1) / workers); n++)
                compute(n);
        });
    }

    private readonly struct Size(Tensor images)
    {
        public readonly int N = (int)images.shape[0], H = (int)images.shape[1], W = (int)images.shape[2], C = (int)images.shape[3];

        public int Pixels => H * W;

        public int PooledPixels => H / 2 * (W / 2);
    }
}
