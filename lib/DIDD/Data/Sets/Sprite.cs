namespace DIDD.Data;

/// <summary>A picture with transparency that can be looked up between its pixels.</summary>
internal sealed class Sprite
{
    private readonly byte[] _pixels;
    private readonly int _side;

    /// <summary>Decodes a picture file's content and resizes it to <paramref name="side"/> × <paramref name="side"/> pixels.</summary>
    /// <exception cref="DataSetException">It is no picture.</exception>
    public Sprite(byte[] content, string path, int side)
    {
        _side = side;
        using var scope = NewDisposeScope();
        var image = ImageFile.Decode(content, path).to(ScalarType.Float32);
        // Premultiplied, so that what lies under transparent pixels does not shine through at the edges.
        var (color, alpha) = (image.narrow(0, 0, 3), image.narrow(0, 3, 1));
        _pixels = AntialiasedResize.Apply(cat([color * alpha / 255, alpha]).round().to(ScalarType.Byte), side, side).bytes.ToArray();
    }

    /// <summary>Premultiplied colour and opacity, each in [0,255], at a point in [0,1] from the left and upper edges, bilinear; transparent outside.</summary>
    public void Sample(double x, double y, Span<double> rgba)
    {
        rgba.Clear();
        double column = x * _side - 0.5, row = y * _side - 0.5;
        int left = (int)Math.Floor(column), top = (int)Math.Floor(row);
        for (var dy = 0; dy < 2; dy++)
            for (var dx = 0; dx < 2; dx++)
            {
                if (left + dx < 0 || left + dx >= _side || top + dy < 0 || top + dy >= _side)
                    continue;
                var share = (dx == 0 ? 1 - (column - left) : column - left) * (dy == 0 ? 1 - (row - top) : row - top);
                for (var channel = 0; channel < 4; channel++)
                    rgba[channel] += share * _pixels[(channel * _side + top + dy) * _side + left + dx];
            }
    }
}
