namespace DIDD.Data;

/// <summary>Bilinear resizing whose triangle widens with the reduction, so that every source pixel counts, as Pillow's <c>Image.resize</c>; columns first, then rows, rounded to 8 bits after each.</summary>
internal static class AntialiasedResize
{
    /// <summary>Resizes […,H,W], 8-bit, to […,height,width].</summary>
    public static Tensor Apply(Tensor image, int height, int width)
    {
        using var scope = NewDisposeScope();
        var columns = image.to(ScalarType.Float32).matmul(Weights((int)image.shape[^1], width).to(image.device).t()).round();
        return Weights((int)image.shape[^2], height).to(image.device).matmul(columns).round().clamp(0, 255).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    // [to,from]: row i holds the share of every source pixel in pixel i.
    private static Tensor Weights(int from, int to)
    {
        var scale = (double)from / to;
        var support = Math.Max(scale, 1);
        var weights = new float[to, from];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var (first, end) = (Math.Max(0, (int)(center - support + 0.5)), Math.Min(from, (int)(center + support + 0.5)));
            var shares = Enumerable.Range(first, end - first).Select(x => Math.Max(0, 1 - Math.Abs((x + 0.5 - center) / support))).ToArray();
            var total = shares.Sum();
            for (var x = first; x < end; x++)
                weights[i, x] = (float)(shares[x - first] / total);
        }
        return tensor(weights);
    }
}
