using DIDD.Data;

namespace DIDD.Synthetic;

/// <summary>
/// IDC's multi-formation (METHOD §2): a stored image is a mosaic of f×f tiles; decoding cuts the tiles and up-samples each to full size, so
/// that k stored images train like f²k. Images whose sides f does not divide are padded right and below with 0.5.
/// </summary>
/// <param name="factor">f, at least 1; 2 in the paper.</param>
/// <param name="shape">Shape of a stored and of a decoded image.</param>
public sealed class MultiFormation(int factor, ImageShape shape)
{
    private const double Padding = 0.5;

    /// <summary>f.</summary>
    public int Factor => factor;

    /// <summary>f², tiles of a stored image.</summary>
    public int Tiles => factor * factor;

    /// <summary>Decodes; differentiable.</summary>
    /// <param name="stored">[G,n,channels,H,W] in G groups (classes).</param>
    /// <returns>[G,f²·n,channels,H,W]; within a group tile (0,0) of all images, then (0,1), and so on.</returns>
    public Tensor Decode(Tensor stored)
    {
        if (factor == 1)
            return stored;
        var (groups, count) = (stored.shape[0], stored.shape[1]);
        var (height, width) = (Side(shape.Height), Side(shape.Width));
        var padded = F.pad(stored.flatten(0, 1), [0, width * factor - shape.Width, 0, height * factor - shape.Height], TorchSharp.PaddingModes.Constant, Padding);
        var tiles = padded.view(groups, count, shape.Channels, factor, height, factor, width).permute(0, 3, 5, 1, 2, 4, 6).reshape(-1, shape.Channels, height, width);
        return F.interpolate(tiles, [shape.Height, shape.Width], mode: InterpolationMode.Bilinear, align_corners: false)
            .view(groups, Tiles * count, shape.Channels, shape.Height, shape.Width);
    }

    /// <summary>The start "mix": real images shrunk by nearest neighbour, one per tile.</summary>
    /// <param name="real">[G,f²·n,channels,H,W]; the first n images of a group go to tile (0,0), the next to (0,1), and so on.</param>
    /// <returns>[G,n,channels,H,W].</returns>
    public Tensor Mix(Tensor real)
    {
        var (groups, count) = (real.shape[0], real.shape[1] / Tiles);
        var mixed = empty([groups, count, shape.Channels, shape.Height, shape.Width], device: real.device);
        for (int row = 0, top = 0; row < factor; top += Share(shape.Height, row), row++)
            for (int column = 0, left = 0; column < factor; left += Share(shape.Width, column), column++)
            {
                using var scope = NewDisposeScope();
                var (height, width) = (Share(shape.Height, row), Share(shape.Width, column));
                var images = real.narrow(1, (row * factor + column) * count, count).flatten(0, 1);
                var tile = F.interpolate(images, [height, width], mode: InterpolationMode.Nearest).view(groups, count, shape.Channels, height, width);
                mixed.narrow(3, top, height).narrow(4, left, width).copy_(tile);
            }
        return mixed;
    }

    private int Side(int size) => (size + factor - 1) / factor;

    // The remainder of size/f goes to the first tiles, a pixel each.
    private int Share(int size, int index) => size / factor + (index < size % factor ? 1 : 0);
}
