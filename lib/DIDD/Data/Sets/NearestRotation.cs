namespace DIDD.Data;

/// <summary>
/// Rotation about the centre with nearest-neighbour sampling and zero fill, pixel for pixel that of Pillow's <c>Image.rotate</c>, which the
/// authors' R-MNIST uses: the inverse map is evaluated in 16.16 fixed point.
/// </summary>
internal static class NearestRotation
{
    /// <summary>For each target pixel of a square image (row-major) its source, or size² where it is filled with zero; degrees counter-clockwise.</summary>
    public static long[] SourceIndices(int size, double degrees)
    {
        var radians = -(degrees % 360) * Math.PI / 180;
        double cos = Math.Round(Math.Cos(radians), 15), sin = Math.Round(Math.Sin(radians), 15), center = size / 2.0;
        var offsetX = cos * -center + sin * -center + center;
        var offsetY = -sin * -center + cos * -center + center;

        static int Fixed(double value) => (int)Math.Floor(value * 65536 + 0.5);
        int stepXx = Fixed(cos), stepXy = Fixed(sin), stepYx = Fixed(-sin), stepYy = Fixed(cos);
        int rowX = Fixed(offsetX + cos * 0.5 + sin * 0.5), rowY = Fixed(offsetY - sin * 0.5 + cos * 0.5);
        var source = new long[size * size];
        for (var row = 0; row < size; row++, rowX += stepXy, rowY += stepYy)
            for (int column = 0, x = rowX, y = rowY; column < size; column++, x += stepXx, y += stepYx)
            {
                int sourceX = x >> 16, sourceY = y >> 16;
                var inside = sourceX >= 0 && sourceX < size && sourceY >= 0 && sourceY < size;
                source[row * size + column] = inside ? sourceY * size + sourceX : size * size;
            }
        return source;
    }
}
