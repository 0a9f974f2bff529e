using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Networks;

/// <summary>One block of a <see cref="ConvNet"/> with instance norm, for <see cref="ChannelsLastPass"/>. The convolution's bias, which the norm takes away again, is left out.</summary>
/// <param name="Kernel">[C,channels,3,3].</param>
/// <param name="Bias">[C]; its gradient is 0.</param>
/// <param name="Scale">γ of the norm, [C].</param>
/// <param name="Shift">β of the norm, [C].</param>
/// <param name="Padding">Padding of the convolution.</param>
internal sealed record ConvBlock(Parameter Kernel, Parameter Bias, Parameter Scale, Parameter Shift, long Padding);

/// <summary>
/// A pass through a <see cref="ConvNet"/> with instance norm on the CPU, at the speed of its convolutions: images as [N,H,W,C] in memory, and
/// <see cref="NormReluPool"/> between the convolutions.
/// </summary>
internal sealed class ChannelsLastPass : FeaturePass
{
    private readonly ConvBlock[] _blocks;
    private readonly Step[] _steps;

    private ChannelsLastPass(ConvBlock[] blocks, Step[] steps, Tensor features)
        : base(features) => (_blocks, _steps) = (blocks, steps);

    // Input: [N,C,H,W], a leaf; Output: what the convolution made of it, with its graph; Pooled: [N,h,w,C].
    private sealed record Step(Tensor Input, Tensor Output, Tensor Pooled, Tensor Moments);

    /// <summary>Takes the images through the blocks.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="images">[N,channels,H,W], normalised, float32, on the CPU.</param>
    public static ChannelsLastPass Of(ConvBlock[] blocks, Tensor images)
    {
        var steps = new Step[blocks.Length];
        var x = ChannelsLast(images.detach());
        for (var i = 0; i < blocks.Length; i++)
        {
            // The images' own gradient is taken by hand (FromFirst).
            var input = i == 0 ? x : x.detach().requires_grad_();
            Tensor output;
            using (enable_grad())
                output = F.conv2d(input, blocks[i].Kernel, padding: [blocks[i].Padding, blocks[i].Padding]);
            var (pooled, moments) = NormReluPool.Forward(InMemory(output), blocks[i].Scale, blocks[i].Shift);
            steps[i] = new Step(input, output, pooled, moments);
            x = pooled.permute(0, 3, 1, 2);
        }
        return new ChannelsLastPass(blocks, steps, Flattened(x));
    }

    /// <summary>The features alone.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="images">[N,channels,H,W], normalised, float32, on the CPU.</param>
    /// <returns>[N,d].</returns>
    public static Tensor FeaturesOf(ConvBlock[] blocks, Tensor images)
    {
        var x = ChannelsLast(images);
        foreach (var block in blocks)
            x = NormReluPool.Forward(InMemory(F.conv2d(x, block.Kernel, padding: [block.Padding, block.Padding])), block.Scale, block.Shift).Pooled.permute(0, 3, 1, 2);
        return Flattened(x);
    }

    /// <inheritdoc/>
    public override Tensor ToImages(Tensor gradients)
    {
        using var noGradient = no_grad();
        var output = FromTop(gradients);
        for (var i = _blocks.Length - 1; ; i--)
        {
            output = Normed(i, output).Images;
            if (i == 0)
                return FromFirst(output).view([gradients.shape[0], -1, .. _steps[0].Input.shape[1..]]);
            output = F.conv_transpose2d(output, _blocks[i].Kernel, padding: [_blocks[i].Padding, _blocks[i].Padding]);
        }
    }

    /// <inheritdoc/>
    public override void ToWeights(Tensor gradient)
    {
        using var noGradient = no_grad();
        var output = FromTop(gradient);
        for (var i = _blocks.Length - 1; i >= 0; i--)
        {
            var (block, step) = (_blocks[i], _steps[i]);
            var (images, scaleAndShift) = Normed(i, output);
            var sums = scaleAndShift.sum([0]);
            Accumulate(block.Scale, sums[0]);
            Accumulate(block.Shift, sums[1]);
            Accumulate(block.Bias, zeros_like(block.Bias));
            var found = autograd.grad([step.Output], i == 0 ? [block.Kernel] : [block.Kernel, step.Input], [images]);
            Accumulate(block.Kernel, found[0]);
            output = found[^1];
        }
    }

    // Features' gradients, [K·N,d], as those of the last block's output, [K·N,C,h,w].
    private Tensor FromTop(Tensor gradients)
    {
        var top = _steps[^1].Pooled;
        return gradients.reshape(-1, top.shape[3], top.shape[1], top.shape[2]);
    }

    // Through norm, ReLU and pooling of block i: gradients of the convolution's output, [K·N,C,H,W], and of the norm's scale and shift.
    private (Tensor Images, Tensor ScaleAndShift) Normed(int i, Tensor output)
    {
        var (block, step) = (_blocks[i], _steps[i]);
        var (images, scaleAndShift) = NormReluPool.Backward(InMemory(step.Output), block.Scale, block.Shift, step.Moments, InMemory(output));
        return (images.permute(0, 3, 1, 2), scaleAndShift);
    }

    // As a product of matrices: with few channels below, the library's own convolution is several times slower.
    private Tensor FromFirst(Tensor output)
    {
        var (kernel, padding) = (_blocks[0].Kernel, (_blocks[0].Padding, _blocks[0].Padding));
        var (count, channels) = (output.shape[0], output.shape[1]);
        var patches = kernel.view(channels, -1).t().unsqueeze(0).expand(count, -1, -1).bmm(InMemory(output).view(count, -1, channels).transpose(1, 2));
        return F.fold(patches, (_steps[0].Input.shape[2], _steps[0].Input.shape[3]), (kernel.shape[2], kernel.shape[3]), padding: padding);
    }

    private static void Accumulate(Parameter weight, Tensor gradient)
    {
        if (weight.grad is { } sum)
            sum.add_(gradient);
        else
            weight.grad = gradient.clone().DetachFromDisposeScope();
    }

    /// <summary>The layout [N,H,W,C] under the shape [N,C,H,W]; with one channel both are the same memory, and only the strides say which it is.</summary>
    /// <param name="images">[N,C,H,W].</param>
    internal static Tensor ChannelsLast(Tensor images)
    {
        if (images.shape[1] > 1)
            return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        var whole = images.contiguous();
        return whole.as_strided(whole.shape, [whole.shape[2] * whole.shape[3], 1, whole.shape[3], 1], whole.storage_offset());
    }

    private static Tensor InMemory(Tensor images) => images.detach().permute(0, 2, 3, 1).contiguous();

    private static Tensor Flattened(Tensor images) => images.contiguous().flatten(1);
}
