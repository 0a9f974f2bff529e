namespace DIDD.Evaluation;

/// <summary>CutMix (Yun et al. 2019) with λ ~ Beta(1,1) and one box for the whole batch (METHOD §5).</summary>
internal static class CutMix
{
    /// <summary>Pastes a box of the images [N,channels,H,W], in the order [N], into them; the share of the area that still shows the image itself.</summary>
    public static double Apply(Tensor images, Tensor order, RandomStream stream)
    {
        var (height, width) = ((int)images.shape[2], (int)images.shape[3]);
        var side = Math.Sqrt(1 - stream.NextDouble());
        var (top, bottom) = Span(stream.NextInteger(0, height), (int)(height * side), height);
        var (left, right) = Span(stream.NextInteger(0, width), (int)(width * side), width);
        if (bottom > top && right > left)
        {
            var box = images.narrow(2, top, bottom - top).narrow(3, left, right - left);
            box.copy_(box.index_select(0, order));
        }
        return 1 - (double)(bottom - top) * (right - left) / (height * width);
    }

    private static (int From, int To) Span(int center, int length, int size) => (Math.Clamp(center - length / 2, 0, size), Math.Clamp(center + length / 2, 0, size));
}
