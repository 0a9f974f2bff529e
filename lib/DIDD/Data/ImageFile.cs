using SkiaSharp;
using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>Reads pictures (JPEG, PNG, …) as 8-bit RGB.</summary>
public static class ImageFile
{
    /// <summary>Reads a picture and resizes it with <see cref="AntialiasedResize"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Height and width of the result, pixels.</param>
    /// <returns>[3,size,size], 8-bit.</returns>
    /// <exception cref="DataSetException">The file is missing or no picture.</exception>
    public static Tensor Read(string path, int size)
    {
        using var scope = NewDisposeScope();
        return AntialiasedResize.Apply(Read(path), size, size).MoveToOuterDisposeScope();
    }

    /// <summary>Reads a picture.</summary>
    /// <param name="path">The file.</param>
    /// <returns>[3,H,W], 8-bit.</returns>
    /// <exception cref="DataSetException">The file is missing or no picture.</exception>
    public static Tensor Read(string path)
    {
        if (!File.Exists(path))
            throw new DataSetException($"{path}: no such file");
        using var bitmap = new SKBitmap();
        using var codec = SKCodec.Create(path);
        var information = codec?.Info.WithColorType(SKColorType.Rgba8888).WithAlphaType(SKAlphaType.Unpremul);
        if (information is null || !bitmap.TryAllocPixels(information.Value) || codec!.GetPixels(information.Value, bitmap.GetPixels()) != SKCodecResult.Success)
            throw new DataSetException($"{path}: not a readable picture; copy it again");
        using var scope = NewDisposeScope();
        return tensor(bitmap.Bytes, dtype: ScalarType.Byte).view(bitmap.Height, bitmap.Width, 4).narrow(2, 0, 3).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope();
    }
}
