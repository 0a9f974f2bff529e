namespace DIDD.Augmentation;

/// <summary>
/// The differentiable image operations of DSA's augmentation (METHOD §2). All take images [G,n,channels,H,W] in G groups and one draw per
/// group, [G]; draws u are uniform in [0,1). Applying is separate from drawing, so that real, synthetic and previous images share a draw.
/// </summary>
internal static class ImageOperations
{
    private const double LargestScale = 1.2;
    private const double LargestAngle = 15 * Math.PI / 180;
    private const double CutoutShare = 0.5;
    private const double CropShare = 0.125;

    /// <summary>Mirrors left and right the groups with u &lt; 0.5.</summary>
    public static Tensor Flip(Tensor images, Tensor u) => where(PerGroup(u, images) < 0.5, images.flip(4), images);

    /// <summary>x + (u − 0.5).</summary>
    public static Tensor Brightness(Tensor images, Tensor u) => images + (PerGroup(u, images) - 0.5);

    /// <summary>(x − m)·2u + m, m the mean over channels; the identity on one channel.</summary>
    public static Tensor Saturation(Tensor images, Tensor u)
    {
        if (images.shape[2] == 1)
            return images;
        var mean = images.mean([2], keepdim: true);
        return (images - mean) * (PerGroup(u, images) * 2) + mean;
    }

    /// <summary>(x − m)·(u + 0.5) + m, m the mean of the image.</summary>
    public static Tensor Contrast(Tensor images, Tensor u)
    {
        var mean = images.mean([2, 3, 4], keepdim: true);
        return (images - mean) * (PerGroup(u, images) + 0.5) + mean;
    }

    /// <summary>Shifts: row r shows what was row r + <paramref name="rows"/>, likewise columns; what comes in is 0.</summary>
    /// <param name="images">[G,n,channels,H,W].</param>
    /// <param name="rows">[G] whole numbers in ±<see cref="LargestShift"/>(H).</param>
    /// <param name="columns">[G] whole numbers in ±<see cref="LargestShift"/>(W).</param>
    public static Tensor Crop(Tensor images, Tensor rows, Tensor columns)
    {
        var (one, zero) = (ones_like(rows), zeros_like(rows));
        return Warp(images, [one, zero, columns * (2.0 / images.shape[4]), zero, one, rows * (2.0 / images.shape[3])], GridSampleMode.Nearest);
    }

    /// <summary>Scales about the centre by s = u·(1.2 − 1/1.2) + 1/1.2 per axis; s &gt; 1 shrinks. Bilinear, zeros outside.</summary>
    public static Tensor Scale(Tensor images, Tensor uHorizontal, Tensor uVertical)
    {
        static Tensor Ratio(Tensor u) => u * (LargestScale - 1 / LargestScale) + (1 / LargestScale);
        var zero = zeros_like(uHorizontal);
        return Warp(images, [Ratio(uHorizontal), zero, zero, zero, Ratio(uVertical), zero], GridSampleMode.Bilinear);
    }

    /// <summary>Rotates about the centre by (u − 0.5)·30°. Bilinear, zeros outside.</summary>
    public static Tensor Rotate(Tensor images, Tensor u)
    {
        var angle = (u - 0.5) * (2 * LargestAngle);
        var (cos, sin, zero) = (angle.cos(), angle.sin(), zeros_like(u));
        return Warp(images, [cos, -sin, zero, sin, cos, zero], GridSampleMode.Bilinear);
    }

    /// <summary>Sets a square of side <see cref="CutoutSide"/> around the centre to 0, clipped at the border.</summary>
    /// <param name="images">[G,n,channels,H,W].</param>
    /// <param name="rows">[G] rows of the centres.</param>
    /// <param name="columns">[G] columns of the centres.</param>
    public static Tensor Cutout(Tensor images, Tensor rows, Tensor columns)
    {
        Tensor Outside(Tensor center, long size)
        {
            var start = center.view(-1, 1) - (CutoutSide(size) / 2);
            var position = arange(size, device: images.device).view(1, -1);
            return (position < start).logical_or(position >= start + CutoutSide(size));
        }
        var (height, width) = (images.shape[3], images.shape[4]);
        var kept = Outside(rows, height).view(-1, 1, 1, height, 1).logical_or(Outside(columns, width).view(-1, 1, 1, 1, width));
        return images * kept;
    }

    /// <summary>Largest shift of <see cref="Crop"/>, pixels: ⌊0.125·size + 0.5⌋.</summary>
    public static int LargestShift(long size) => (int)(size * CropShare + 0.5);

    /// <summary>Side of <see cref="Cutout"/>'s square, pixels: ⌊0.5·size + 0.5⌋.</summary>
    public static int CutoutSide(long size) => (int)(size * CutoutShare + 0.5);

    private static Tensor PerGroup(Tensor u, Tensor images) => u.to(images.dtype).view(-1, 1, 1, 1, 1);

    // affine: the six entries of the 2×3 matrix that maps target to source positions in [−1,1], each [G]. On a CPU a group's images share a grid, as channels of one;
    // a GPU has threads for a grid each.
    private static Tensor Warp(Tensor images, Tensor[] affine, GridSampleMode mode)
    {
        var theta = stack(affine, 1).to(images.dtype).view(-1, 2, 3).repeat_interleave(images.is_cuda ? images.shape[1] : 1, 0);
        var flat = images.reshape([theta.shape[0], -1, .. images.shape[3..]]);
        var grid = F.affine_grid(theta, flat.shape, align_corners: false);
        return F.grid_sample(flat, grid, mode, GridSamplePaddingMode.Zeros, align_corners: false).view(images.shape);
    }
}
