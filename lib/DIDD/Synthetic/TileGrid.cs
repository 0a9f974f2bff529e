using DIDD.Data;

namespace DIDD.Synthetic;

/// <summary>
/// The regions of a stored image that share one rate: row r belongs to tile row ⌊r/⌈H/f⌉⌋, likewise columns, as <see cref="MultiFormation.Decode"/> cuts them. Where f does not divide H, the authors'
/// code cuts them otherwise, by ⌊H/f⌋ (METHOD §8). A single region where rates are per image.
/// </summary>
internal sealed class TileGrid : IDisposable
{
    // [tiles,H·W], 1 where the pixel belongs to the tile.
    private readonly Tensor _membership;
    private readonly ImageShape _shape;

    /// <summary>Creates the grid of f×f regions; f = 1 for one rate per image.</summary>
    public TileGrid(int factor, ImageShape shape, Device device, ScalarType type)
    {
        _shape = shape;
        Tiles = factor * factor;
        var membership = new float[Tiles, shape.Height * shape.Width];
        for (var row = 0; row < shape.Height; row++)
            for (var column = 0; column < shape.Width; column++)
                membership[Index(row, shape.Height) * factor + Index(column, shape.Width), row * shape.Width + column] = 1;
        // In libtorch's own memory: a product may round by how its operands are aligned, and a managed array lies anywhere.
        _membership = tensor(membership, dtype: type, device: device).clone().DetachFromDisposeScope();

        int Index(int position, int size) => position / ((size + factor - 1) / factor);
    }

    /// <summary>Regions of an image.</summary>
    public int Tiles { get; }

    /// <summary>Gives every pixel, [N,1,H,W], its tile's value, [N·tiles], image after image.</summary>
    public Tensor Spread(Tensor values) => values.view(-1, Tiles).mm(_membership).view(-1, 1, _shape.Height, _shape.Width);

    /// <summary>Sums of [N,channels,H,W] over channels and the pixels of each tile, [N·tiles].</summary>
    public Tensor Sum(Tensor images)
    {
        var pixels = images.sum(1).view(-1, _shape.Height * _shape.Width);
        // A single row would be added up in another order than the same row among others: a shard of one class as in the whole.
        return pixels.shape[0] > 1 ? pixels.mm(_membership.t()).view(-1) : pixels.repeat(2, 1).mm(_membership.t())[0];
    }

    public void Dispose() => _membership.Dispose();
}
