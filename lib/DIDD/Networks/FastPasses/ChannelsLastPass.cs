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
internal sealed class ChannelsLastPass(ConvBlock[] blocks, FirstBlock first, Tensor images, ChannelsLastPass.Step[] steps, Tensor features)
    : FeaturePass(features)
{
    private const int ImagesAtATime = 8;

    // Of a block. Input: [N,C,H,W], a leaf, kept where the weights are trained; Output: what the convolution made of it, with its graph; both null for the
    // first block. Moments: those of the norm.
    internal sealed record Step(Tensor? Input, Tensor? Output, Tensor Moments, long PooledHeight, long PooledWidth);

    /// <summary>Takes images through the blocks, [N,channels,H,W], normalised, float32, on the CPU.</summary>
    public static ChannelsLastPass Of(ConvBlock[] blocks, Tensor images)
    {
        var steps = new Step[blocks.Length];
        var whole = images.detach().contiguous();
        var first = new FirstBlock(blocks[0], whole.shape[2], whole.shape[3]);
        var (pooled, moments) = first.Forward(whole);
        steps[0] = new Step(null, null, moments, pooled.shape[1], pooled.shape[2]);
        for (var i = 1; i < blocks.Length; i++)
        {
            using var scope = NewDisposeScope();
            var trained = blocks[i].Kernel.requires_grad;
            var input = pooled.permute(0, 3, 1, 2).detach().requires_grad_(trained);
            Tensor output;
            using (enable_grad())
                output = Convolved(blocks[i], input);
            (pooled, moments) = NormReluPool.Forward(InMemory(output), blocks[i].Scale, blocks[i].Shift);
            steps[i] = new Step(trained ? input.MoveToOuterDisposeScope() : null, output.MoveToOuterDisposeScope(), moments.MoveToOuterDisposeScope(), pooled.shape[1], pooled.shape[2]);
            pooled.MoveToOuterDisposeScope();
        }
        return new ChannelsLastPass(blocks, first, whole, steps, Flattened(pooled));
    }

    /// <summary>The features alone, [N,d]; all convolutions but the first compute in <paramref name="precision"/>.</summary>
    public static Tensor FeaturesOf(ConvBlock[] blocks, Tensor images, TargetPrecision precision)
    {
        var type = precision == TargetPrecision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var pooled = new FirstBlock(blocks[0], images.shape[2], images.shape[3]).Forward(images.contiguous()).Pooled;
        foreach (var block in blocks[1..])
            pooled = NormReluPool.Forward(InMemory(Convolved(block, pooled.permute(0, 3, 1, 2), type).to(ScalarType.Float32)), block.Scale, block.Shift).Pooled;
        return Flattened(pooled);
    }

    public override Tensor ToImages(Tensor gradients)
    {
        using var noGradient = no_grad();
        var output = FromTop(gradients);
        for (var i = blocks.Length - 1; i > 0; i--)
            output = InParts(Normed(i, output).Images, part => F.conv_transpose2d(part, blocks[i].Kernel, padding: [blocks[i].Padding, blocks[i].Padding]));
        return first.ToImages(images, steps[0].Moments, InMemory(output)).view([gradients.shape[0], -1, .. images.shape[1..]]);
    }

    public override void ToWeights(Tensor gradient)
    {
        using var noGradient = no_grad();
        var output = FromTop(gradient);
        for (var i = blocks.Length - 1; i > 0; i--)
        {
            var step = steps[i];
            var (convolved, scaleAndShift) = Normed(i, output);
            var found = autograd.grad([step.Output!], [blocks[i].Kernel, step.Input!], [convolved]);
            Accumulate(blocks[i], found[0], scaleAndShift);
            output = found[1];
        }
        var (kernel, norm) = first.ToWeights(images, steps[0].Moments, InMemory(output));
        Accumulate(blocks[0], kernel.sum([0]).t().reshape(blocks[0].Kernel.shape), norm);
    }

    // Features' gradients, [K·N,d], as those of the last block's output, [K·N,C,h,w].
    private Tensor FromTop(Tensor gradients)
    {
        var top = steps[^1];
        return gradients.reshape(-1, blocks[^1].Scale.shape[0], top.PooledHeight, top.PooledWidth);
    }

    // Through norm, ReLU and pooling of block i: gradients of the convolution's output, [K·N,C,H,W], and of the norm's scale and shift.
    private (Tensor Images, Tensor ScaleAndShift) Normed(int i, Tensor output)
    {
        var (block, step) = (blocks[i], steps[i]);
        var (convolved, scaleAndShift) = NormReluPool.Backward(InMemory(step.Output!), block.Scale, block.Shift, step.Moments, InMemory(output));
        return (convolved.permute(0, 3, 1, 2), scaleAndShift);
    }

    // scaleAndShift: a share of every image, [N,2,C].
    private static void Accumulate(ConvBlock block, Tensor kernel, Tensor scaleAndShift)
    {
        var sums = scaleAndShift.sum([0]);
        Accumulate(block.Kernel, kernel);
        Accumulate(block.Bias, zeros_like(block.Bias));
        Accumulate(block.Scale, sums[0]);
        Accumulate(block.Shift, sums[1]);
    }

    private static Tensor Convolved(ConvBlock block, Tensor images, ScalarType type = ScalarType.Float32) =>
        InParts(images.to(type), part => F.conv2d(part, block.Kernel.to(type), padding: [block.Padding, block.Padding]));

    // Without oneDNN libtorch writes every convolution out as one product of matrices, for all images at once: a few of them stay in the cache.
    private static Tensor InParts(Tensor images, Func<Tensor, Tensor> convolve) => NativeRuntime.LeavesOneDnnOut ? cat([.. images.split(ImagesAtATime).Select(convolve)]) : convolve(images);

    private static void Accumulate(Parameter weight, Tensor gradient)
    {
        if (weight.grad is { } sum)
            sum.add_(gradient);
        else
            weight.grad = gradient.clone().DetachFromDisposeScope();
    }

    private static Tensor InMemory(Tensor images) => images.detach().permute(0, 2, 3, 1).contiguous();

    // [N,h,w,C] as features, [N,C·h·w].
    private static Tensor Flattened(Tensor pooled) => pooled.permute(0, 3, 1, 2).contiguous().flatten(1);
}
