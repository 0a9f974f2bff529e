using System.Runtime.Intrinsics;

namespace DIDD.Networks;

/// <summary>
/// The first block of a <see cref="ConvNet"/> as one operation: convolution 3×3 of images with few channels, instance norm, ReLU and average pooling 2×2,
/// forward and backward. The library's convolution is slow with one or three channels below, and what it writes, the largest activation of the network, is read again by
/// all that follow; here 16 channels of one image at a time stay in the cache, and the backward computes them again instead of reading them from memory. Float32
/// on the CPU, a thread per image: the result does not depend on the number of threads.
/// </summary>
internal sealed unsafe class FirstBlock
{
    private const int Lanes = NormReluPool.ChannelMultiple, Side = 3, Taps = Side * Side, PixelsAtATime = 8;

    private readonly ConvBlock _block;
    private readonly Tensor _kernel;
    private readonly int _channels, _height, _width, _padding, _filters;

    /// <summary>Creates the operation for images of one size; the block has a multiple of <see cref="NormReluPool.ChannelMultiple"/> filters.</summary>
    public FirstBlock(ConvBlock block, long height, long width)
    {
        using var noGradient = no_grad();
        _block = block;
        (_filters, _channels, _padding) = ((int)block.Kernel.shape[0], (int)block.Kernel.shape[1], (int)block.Padding);
        (_height, _width) = ((int)height + 2 * _padding - Side + 1, (int)width + 2 * _padding - Side + 1);
        _kernel = block.Kernel.detach().view(_filters, -1).t().contiguous();
    }

    private int Pixels => _height * _width;

    private int PaddedWidth => _width + Side - 1;

    private int PaddedPixels => (_height + Side - 1) * PaddedWidth;

    private int PooledSize => _height / 2 * (_width / 2) * _filters;

    private NormReluPool.Layout Convolved => new(_height, _width, Lanes, _filters);

    /// <summary>
    /// Forward of [N,channels,H,W], contiguous, float32, CPU: the pooled images, [N,h,w,C], and mean and 1/σ per image and channel of the convolution's output,
    /// [N,2,C].
    /// </summary>
    public (Tensor Pooled, Tensor Moments) Forward(Tensor images)
    {
        var count = (int)images.shape[0];
        var (pooled, moments) = (empty(count, _height / 2, _width / 2, _filters), empty(count, 2, _filters));
        float* x = NormReluPool.Pointer(images), kernel = NormReluPool.Pointer(_kernel), y = NormReluPool.Pointer(pooled), m = NormReluPool.Pointer(moments);
        float* gamma = NormReluPool.Pointer(_block.Scale), beta = NormReluPool.Pointer(_block.Shift);
        NormReluPool.PerImage(count, PaddedPixels * _channels + Pixels * Lanes, (n, scratch) =>
        {
            float* padded = scratch, output = scratch + PaddedPixels * _channels;
            Pad(x, n, padded);
            for (var c = 0; c < _filters; c += Lanes)
            {
                Convolve(padded, kernel + c, output);
                NormReluPool.Forward(Convolved, output, gamma + c, beta + c, y + n * PooledSize + c, m + n * 2 * _filters + c);
            }
        });
        return (pooled, moments);
    }

    /// <summary>Gradients of the images, [K·N,channels,H,W], from K of the pooled, [K·N,h,w,C], contiguous, by what <see cref="Forward"/> gave.</summary>
    public Tensor ToImages(Tensor images, Tensor moments, Tensor gradient)
    {
        int count = (int)images.shape[0], vectors = (int)(gradient.shape[0] / count), size = Pixels * _filters, padding = PaddedPixels * _channels;
        var result = empty([gradient.shape[0], .. images.shape[1..]]);
        float* x = NormReluPool.Pointer(images), kernel = NormReluPool.Pointer(_kernel), g = NormReluPool.Pointer(gradient), r = NormReluPool.Pointer(result), m = NormReluPool.Pointer(moments);
        float* gamma = NormReluPool.Pointer(_block.Scale), beta = NormReluPool.Pointer(_block.Shift);
        NormReluPool.PerImage(count, 2 * padding + Pixels * Lanes + vectors * size, (n, scratch) =>
        {
            float* padded = scratch, spread = padded + padding, output = spread + padding, found = output + Pixels * Lanes;
            Pad(x, n, padded);
            for (var c = 0; c < _filters; c += Lanes)
            {
                Convolve(padded, kernel + c, output);
                for (var k = 0; k < vectors; k++)
                    NormReluPool.Backward(
                        Convolved, output, gamma + c, beta + c, m + n * 2 * _filters + c, g + (k * count + n) * PooledSize + c, found + k * size + c, _filters, null);
            }
            for (var k = 0; k < vectors; k++)
            {
                Spread(found + k * size, kernel, spread);
                Crop(spread, r, k * count + n);
            }
        });
        return result;
    }

    /// <summary>Gradients of the kernel, [N,channels·9,C], and of scale and shift, [N,2,C], per image, from those of the pooled images, [N,h,w,C].</summary>
    public (Tensor Kernel, Tensor ScaleAndShift) ToWeights(Tensor images, Tensor moments, Tensor gradient)
    {
        int count = (int)images.shape[0], padding = PaddedPixels * _channels;
        var (weights, sums) = (empty(count, Taps * _channels, _filters), empty(count, 2, _filters));
        float* x = NormReluPool.Pointer(images), kernel = NormReluPool.Pointer(_kernel), g = NormReluPool.Pointer(gradient), m = NormReluPool.Pointer(moments);
        float* gamma = NormReluPool.Pointer(_block.Scale), beta = NormReluPool.Pointer(_block.Shift), w = NormReluPool.Pointer(weights), s = NormReluPool.Pointer(sums);
        NormReluPool.PerImage(count, padding + 2 * Pixels * Lanes, (n, scratch) =>
        {
            float* padded = scratch, output = padded + padding, found = output + Pixels * Lanes;
            Pad(x, n, padded);
            for (var c = 0; c < _filters; c += Lanes)
            {
                Convolve(padded, kernel + c, output);
                NormReluPool.Backward(
                    Convolved, output, gamma + c, beta + c, m + n * 2 * _filters + c, g + n * PooledSize + c, found, Lanes, s + n * 2 * _filters + c);
                Correlate(padded, found, w + n * Taps * _channels * _filters + c);
            }
        });
        return (weights, sums);
    }

    // Image n with a border of zeros, [channels, height + 2, width + 2].
    private void Pad(float* images, int n, float* padded)
    {
        new Span<float>(padded, PaddedPixels * _channels).Clear();
        ForRows(n, (image, border, length) => new Span<float>(images + image, length).CopyTo(new Span<float>(padded + border, length)));
    }

    // Image n out of its border.
    private void Crop(float* padded, float* images, int n) =>
        ForRows(n, (image, border, length) => new Span<float>(padded + border, length).CopyTo(new Span<float>(images + image, length)));

    private void ForRows(int n, Action<int, int, int> row)
    {
        int height = _height + Side - 1 - 2 * _padding, width = PaddedWidth - 2 * _padding;
        for (var channel = 0; channel < _channels; channel++)
            for (var y = 0; y < height; y++)
                row(((n * _channels + channel) * height + y) * width, channel * PaddedPixels + (y + _padding) * PaddedWidth + _padding, width);
    }

    // 16 channels of the output, [height, width, 16].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Convolve(float* padded, float* kernel, float* output)
    {
        for (var row = 0; row < _height; row++)
        {
            var column = 0;
            for (; column + PixelsAtATime <= _width; column += PixelsAtATime, output += PixelsAtATime * Lanes)
            {
                Vector512<float> y0 = default, y1 = default, y2 = default, y3 = default, y4 = default, y5 = default, y6 = default, y7 = default;
                for (int line = 0, tap = 0; line < _channels * Side; line++)
                {
                    var x = padded + line / Side * PaddedPixels + (row + line % Side) * PaddedWidth + column;
                    for (var i = 0; i < Side; i++, tap++, x++)
                    {
                        var k = Vector512.Load(kernel + tap * _filters);
                        y0 = Vector512.FusedMultiplyAdd(Vector512.Create(x[0]), k, y0);
                        y1 = Vector512.FusedMultiplyAdd(Vector512.Create(x[1]), k, y1);
                        y2 = Vector512.FusedMultiplyAdd(Vector512.Create(x[2]), k, y2);
                        y3 = Vector512.FusedMultiplyAdd(Vector512.Create(x[3]), k, y3);
                        y4 = Vector512.FusedMultiplyAdd(Vector512.Create(x[4]), k, y4);
                        y5 = Vector512.FusedMultiplyAdd(Vector512.Create(x[5]), k, y5);
                        y6 = Vector512.FusedMultiplyAdd(Vector512.Create(x[6]), k, y6);
                        y7 = Vector512.FusedMultiplyAdd(Vector512.Create(x[7]), k, y7);
                    }
                }
                y0.Store(output);
                y1.Store(output + Lanes);
                y2.Store(output + 2 * Lanes);
                y3.Store(output + 3 * Lanes);
                y4.Store(output + 4 * Lanes);
                y5.Store(output + 5 * Lanes);
                y6.Store(output + 6 * Lanes);
                y7.Store(output + 7 * Lanes);
            }
            for (; column < _width; column++, output += Lanes)
            {
                Vector512<float> y = default;
                for (int line = 0, tap = 0; line < _channels * Side; line++)
                {
                    var x = padded + line / Side * PaddedPixels + (row + line % Side) * PaddedWidth + column;
                    for (var i = 0; i < Side; i++, tap++)
                        y = Vector512.FusedMultiplyAdd(Vector512.Create(x[i]), Vector512.Load(kernel + tap * _filters), y);
                }
                y.Store(output);
            }
        }
    }

    // The transposed convolution: what the gradients of the output, [height, width, C], make of the padded image's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(float* gradient, float* kernel, float* padded)
    {
        new Span<float>(padded, PaddedPixels * _channels).Clear();
        for (var channel = 0; channel < _channels; channel++)
            for (var row = 0; row < _height; row++)
            {
                float* to = padded + channel * PaddedPixels + row * PaddedWidth, g = gradient + row * _width * _filters;
                for (var column = 0; column < _width; column++, to++)
                {
                    Vector512<float> x00 = default, x01 = default, x02 = default, x10 = default, x11 = default, x12 = default, x20 = default, x21 = default, x22 = default;
                    var k = kernel + channel * Taps * _filters;
                    for (var c = 0; c < _filters; c += Lanes, g += Lanes, k += Lanes)
                    {
                        var y = Vector512.Load(g);
                        x00 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k), x00);
                        x01 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + _filters), x01);
                        x02 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 2 * _filters), x02);
                        x10 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 3 * _filters), x10);
                        x11 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 4 * _filters), x11);
                        x12 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 5 * _filters), x12);
                        x20 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 6 * _filters), x20);
                        x21 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 7 * _filters), x21);
                        x22 = Vector512.FusedMultiplyAdd(y, Vector512.Load(k + 8 * _filters), x22);
                    }
                    float* middle = to + PaddedWidth, lower = middle + PaddedWidth;
                    to[0] += Vector512.Sum(x00);
                    to[1] += Vector512.Sum(x01);
                    to[2] += Vector512.Sum(x02);
                    middle[0] += Vector512.Sum(x10);
                    middle[1] += Vector512.Sum(x11);
                    middle[2] += Vector512.Sum(x12);
                    lower[0] += Vector512.Sum(x20);
                    lower[1] += Vector512.Sum(x21);
                    lower[2] += Vector512.Sum(x22);
                }
            }
    }

    // Gradients of 16 columns of the kernel, [channels·9, 16 of C], from those of the output, [height, width, 16]; sums of rows, then of these.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Correlate(float* padded, float* gradient, float* kernel)
    {
        for (var line = 0; line < _channels * Side; line++, kernel += Side * _filters)
        {
            Vector512<float> left = default, middle = default, right = default;
            var g = gradient;
            for (var row = 0; row < _height; row++)
            {
                Vector512<float> rowLeft = default, rowMiddle = default, rowRight = default;
                var x = padded + line / Side * PaddedPixels + (row + line % Side) * PaddedWidth;
                for (var column = 0; column < _width; column++, g += Lanes, x++)
                {
                    var y = Vector512.Load(g);
                    rowLeft = Vector512.FusedMultiplyAdd(Vector512.Create(x[0]), y, rowLeft);
                    rowMiddle = Vector512.FusedMultiplyAdd(Vector512.Create(x[1]), y, rowMiddle);
                    rowRight = Vector512.FusedMultiplyAdd(Vector512.Create(x[2]), y, rowRight);
                }
                left += rowLeft;
                middle += rowMiddle;
                right += rowRight;
            }
            left.Store(kernel);
            middle.Store(kernel + _filters);
            right.Store(kernel + 2 * _filters);
        }
    }
}
