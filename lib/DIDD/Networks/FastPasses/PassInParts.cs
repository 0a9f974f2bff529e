namespace DIDD.Networks;

/// <summary>A pass whose images go through the network group by group, each on its own, as a batch norm needs it.</summary>
internal sealed class PassInParts(FeaturePass[] parts) : FeaturePass(cat([.. parts.Select(part => part.Features)]))
{
    /// <summary>Takes images, [N,channels,H,W] and normalised, through in groups of <paramref name="count"/>.</summary>
    public static FeaturePass Of(Tensor images, long count, Func<Tensor, FeaturePass> pass) =>
        images.shape[0] <= count ? pass(images) : new PassInParts([.. images.split(count).Select(pass)]);

    public override Tensor ToImages(Tensor gradients) => cat([.. Shares(gradients, 1).Select(share => share.Part.ToImages(share.Gradient))], 1);

    public override void ToWeights(Tensor gradient)
    {
        foreach (var (part, share) in Shares(gradient, 0))
            part.ToWeights(share);
    }

    private IEnumerable<(FeaturePass Part, Tensor Gradient)> Shares(Tensor gradients, int dimension) =>
        parts.Zip(gradients.split([.. parts.Select(part => part.Features.shape[0])], dimension));
}
