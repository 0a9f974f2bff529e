using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>
    /// Forward of [N,H,W,C], contiguous, float32, CPU: the pooled images, [N,⌊H/2⌋,⌊W/2⌋,C], and mean and 1/σ per image and channel, [N,2,C]. Scale γ and shift
    /// β are [C].
    /// </summary>
    public static (Tensor Pooled, Tensor Moments) Forward(Tensor images, Tensor scale, Tensor shift)
    {
        var (count, size) = Sizes(images);
        var (pooled, moments) = (empty(count, size.Height / 2, size.Width / 2, size.Channels), empty(count, 2, size.Channels));
        float* x = Pointer(images), gamma = Pointer(scale), beta = Pointer(shift), y = Pointer(pooled), m = Pointer(moments);
        PerImage(count, 0, (n, _) =>
        {
            for (var c = 0; c < size.Channels; c += ChannelMultiple)
                Forward(size, x + n * size.Floats + c, gamma + c, beta + c, y + n * size.PooledFloats + c, m + n * 2 * size.Channels + c);
        });
        return (pooled, moments);
    }

    /// <summary>
    /// Backward: gradients of the images, [K·N,H,W,C], and of scale and shift, a share of every image, [K·N,2,C], from K of the pooled images',
    /// [K·N,⌊H/2⌋,⌊W/2⌋,C], contiguous; images and moments are those of <see cref="Forward(Tensor, Tensor, Tensor)"/>.
    /// </summary>
    public static (Tensor Images, Tensor ScaleAndShift) Backward(Tensor images, Tensor scale, Tensor shift, Tensor moments, Tensor gradient)
    {
        var (count, size) = Sizes(images);
        var all = (int)gradient.shape[0];
        var (result, sums) = (empty(all, size.Height, size.Width, size.Channels), empty(all, 2, size.Channels));
        float* x = Pointer(images), gamma = Pointer(scale), beta = Pointer(shift), m = Pointer(moments), g = Pointer(gradient), r = Pointer(result), s = Pointer(sums);
        PerImage(count, 0, (n, _) =>
        {
            for (var k = n; k < all; k += count)
                for (var c = 0; c < size.Channels; c += ChannelMultiple)
                    Backward(
                        size, x + n * size.Floats + c, gamma + c, beta + c, m + n * 2 * size.Channels + c,
                        g + k * size.PooledFloats + c, r + k * size.Floats + c, size.Stride, s + k * 2 * size.Channels + c);
        });
        return (result, sums);
    }

    /// <summary>Forward of 16 channels of one image, from its first pixel to its first pooled one; moments are means, and a row of channels on 1/σ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Layout size, float* x, float* scale, float* shift, float* y, float* moments)
    {
        var quarter = Vector512.Create(0.25f);
        var mean = Mean(size, x, out var deviation);
        mean.Store(moments);
        deviation.Store(moments + size.Channels);
        var a = Load(scale) * deviation;
        var b = Load(shift) - mean * a;
        for (var row = 0; row < size.Height / 2; row++)
        {
            float* upper = x + 2 * row * size.Width * size.Stride, lower = upper + size.Width * size.Stride, to = y + row * (size.Width / 2) * size.Channels;
            for (var column = 0; column < size.Width / 2; column++, upper += 2 * size.Stride, lower += 2 * size.Stride, to += size.Channels)
                ((Rectified(upper, a, b) + Rectified(upper + size.Stride, a, b) + Rectified(lower, a, b) + Rectified(lower + size.Stride, a, b)) * quarter).Store(to);
        }
    }

    /// <summary>Backward of 16 channels of one image. With z = a·x + b, d = x − mean and g the gradient of ReLU's input: γ/σ·(g − mean(g) − d/σ²·mean(g·d)).</summary>
    /// <param name="size">Its layout.</param>
    /// <param name="x">What the forward took.</param>
    /// <param name="scale">γ.</param>
    /// <param name="shift">β.</param>
    /// <param name="moments">What the forward wrote.</param>
    /// <param name="gradient">The first pooled pixel's.</param>
    /// <param name="result">The first pixel's, written.</param>
    /// <param name="resultStride">Floats from a pixel of the result to the next.</param>
    /// <param name="sums">Gradients of scale, and a row of channels further on of shift, written; or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(Layout size, float* x, float* scale, float* shift, float* moments, float* gradient, float* result, int resultStride, float* sums)
    {
        var (rows, columns) = (size.Height / 2, size.Width / 2);
        Vector512<float> mean = Load(moments), deviation = Load(moments + size.Channels), sum = default, product = default;
        var a = Load(scale) * deviation;
        var b = Load(shift) - mean * a;
        for (var row = 0; row < 2 * rows; row++)
        {
            float* from = x + row * size.Width * size.Stride, g = gradient + row / 2 * columns * size.Channels;
            Vector512<float> rowSum = default, rowProduct = default;
            for (var column = 0; column < columns; column++, from += 2 * size.Stride, g += size.Channels)
            {
                Vector512<float> first = Load(from), second = Load(from + size.Stride), pooled = Load(g);
                Vector512<float> g0 = Passed(first, a, b, pooled), g1 = Passed(second, a, b, pooled);
                rowSum += g0 + g1;
                rowProduct = Vector512.FusedMultiplyAdd(g0, first - mean, Vector512.FusedMultiplyAdd(g1, second - mean, rowProduct));
            }
            sum += rowSum;
            product += rowProduct;
        }
        if (sums is not null)
        {
            (product * deviation * 0.25f).Store(sums);
            (sum * 0.25f).Store(sums + size.Channels);
        }
        // result = pooled/4·a − (mean(g)·a − mean·slope) − x·slope, where slope = a·mean(g·d)/σ².
        var (share, quarter) = (0.25f / size.Pixels, a * 0.25f);
        var slope = a * product * deviation * deviation * share;
        var offset = mean * slope - a * sum * share;
        for (var row = 0; row < size.Height; row++)
        {
            float* from = x + row * size.Width * size.Stride, g = gradient + row / 2 * columns * size.Channels, to = result + row * size.Width * resultStride;
            for (var column = 0; column < size.Width; column++, from += size.Stride, to += resultStride)
            {
                var value = Load(from);
                var passed = row < 2 * rows && column < 2 * columns ? Passed(value, a, b, Load(g + column / 2 * size.Channels)) : default;
                Vector512.FusedMultiplyAdd(passed, quarter, offset - value * slope).Store(to);
            }
        }
    }

    /// <summary>The memory of a tensor.</summary>
    public static float* Pointer(Tensor tensor)
    {
        fixed (byte* first = tensor.bytes)
            return (float*)first;
    }

    /// <summary>Computes image after image, by as many threads as libtorch has, each with some floats of memory of its own, which hold anything.</summary>
    public static void PerImage(int count, int floats, ImageAction compute)
    {
        var workers = Math.Min(count, get_num_threads());
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, worker =>
        {
            var memory = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), ChannelMultiple * sizeof(float));
            try
            {
                for (var n = (int)((long)count * worker / workers); n < (int)((long)count * (worker + 1) / workers); n++)
                    compute(n, memory);
            }
            finally
            {
                NativeMemory.AlignedFree(memory);
            }
        });
    }

    // Mean and 1/σ about the first pixel: no cancellation where the mean is far from 0, none at all where all pixels are equal. Sums of rows, then
    // of these: the rounding of 1,024 terms in a chain would be several times that of the library's own norm.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mean(Layout size, float* x, out Vector512<float> deviation)
    {
        var origin = Load(x);
        Vector512<float> sum = default, squares = default;
        for (var row = 0; row < size.Height; row++)
        {
            Vector512<float> rowSum = default, rowSquares = default;
            for (var column = 0; column < size.Width; column++, x += size.Stride)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Rectified(float* x, Vector512<float> a, Vector512<float> b) => Vector512.Max(Vector512.FusedMultiplyAdd(a, Load(x), b), Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Passed(Vector512<float> x, Vector512<float> a, Vector512<float> b, Vector512<float> gradient) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(Vector512.FusedMultiplyAdd(a, x, b), Vector512<float>.Zero), gradient, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(float* from) => Vector512.Load(from);

    private static (int Count, Layout Size) Sizes(Tensor images) =>
        ((int)images.shape[0], new Layout((int)images.shape[1], (int)images.shape[2], (int)images.shape[3], (int)images.shape[3]));

    /// <summary>How an image lies in memory: sides in pixels, floats from a pixel to the next, and of a pooled pixel, which are the channels of all.</summary>
    internal readonly record struct Layout(int Height, int Width, int Stride, int Channels)
    {
        public int Pixels => Height * Width;

        public long Floats => (long)Pixels * Stride;

        public long PooledFloats => (long)(Height / 2) * (Width / 2) * Channels;
    }

    /// <summary>What is done with an image, with memory of the thread that does it.</summary>
    internal delegate void ImageAction(int image, float* memory);
}
