using SkiaSharp;

namespace DIDD.Data;

/// <summary>Reads and writes pictures (JPEG, PNG, …), 8-bit.</summary>
internal static class ImageFile
{
    private const long LargestFile = 64 << 20;
    private const long LargestArea = 1 << 23;
    private const int Gap = 2;
    private const byte White = 255;

    /// <summary>Reads a picture and resizes it with <see cref="AntialiasedResize"/>, [3,size,size], 8-bit.</summary>
    /// <exception cref="DataSetException">The file is missing, no picture, or larger than 8 megapixels.</exception>
    public static Tensor Read(string path, int size)
    {
        using var scope = NewDisposeScope();
        return AntialiasedResize.Apply(Read(path), size, size).MoveToOuterDisposeScope();
    }

    /// <summary>Reads a picture, [3,H,W], 8-bit; grey pictures have three equal channels, transparency is ignored.</summary>
    /// <exception cref="DataSetException">The file is missing, no picture, or larger than 8 megapixels.</exception>
    public static Tensor Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new DataSetException($"{path}: no such file");
        if (file.Length > LargestFile)
            throw new DataSetException($"{path}: {file.Length} bytes, too large for a picture of a data set; copy the original file");
        using var scope = NewDisposeScope();
        return Decode(File.ReadAllBytes(path), path).narrow(0, 0, 3).clone().MoveToOuterDisposeScope();
    }

    /// <summary>Looks at the header of a file's content.</summary>
    /// <exception cref="DataSetException">It is no picture, or larger than 8 megapixels.</exception>
    public static void Check(byte[] content, string path)
    {
        using var data = SKData.CreateCopy(content);
        using var codec = Codec(data, path);
    }

    /// <summary>Decodes the content of a file, [4,H,W], 8-bit: red, green, blue, alpha, not premultiplied.</summary>
    /// <exception cref="DataSetException">It is no picture, or larger than 8 megapixels.</exception>
    public static Tensor Decode(byte[] content, string path)
    {
        using var data = SKData.CreateCopy(content);
        using var codec = Codec(data, path);
        var information = codec.Info.WithColorType(SKColorType.Rgba8888).WithAlphaType(SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(information) || codec.GetPixels(information, bitmap.GetPixels()) != SKCodecResult.Success)
            throw Unreadable(path);
        // A plane per channel, in one pass.
        var rgba = bitmap.GetPixelSpan();
        var area = bitmap.Width * bitmap.Height;
        var planes = new byte[4 * area];
        for (var i = 0; i < area; i++)
            (planes[i], planes[area + i], planes[2 * area + i], planes[3 * area + i]) = (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]);
        using var scope = NewDisposeScope();
        return tensor(planes, dtype: ScalarType.Byte).view(4, bitmap.Height, bitmap.Width).MoveToOuterDisposeScope();
    }

    // What a header claims is looked at before memory is taken for it.
    private static SKCodec Codec(SKData data, string path)
    {
        var codec = SKCodec.Create(data) ?? throw Unreadable(path);
        if ((long)codec.Info.Width * codec.Info.Height is not (<= 0 or > LargestArea))
            return codec;
        using (codec)
            throw new DataSetException($"{path}: {codec.Info.Width}×{codec.Info.Height} pixels, expected at most {LargestArea} in all; copy the original file");
    }

    private static DataSetException Unreadable(string path) => new($"{path}: not a readable picture; copy it again");

    /// <summary>Writes [1 or 3,H,W], 8-bit, as PNG; it appears whole or not at all.</summary>
    public static void WritePng(string path, Tensor image)
    {
        using var scope = NewDisposeScope();
        var opaque = cat([image.cpu().expand(3, -1, -1), full(1, image.shape[1], image.shape[2], 255, dtype: ScalarType.Byte)]);
        using var bitmap = new SKBitmap((int)image.shape[2], (int)image.shape[1], SKColorType.Rgba8888, SKAlphaType.Opaque);
        opaque.permute(1, 2, 0).contiguous().bytes.CopyTo(bitmap.GetPixelSpan());
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, stream => data.SaveTo(stream));
    }

    /// <summary>Writes a PNG sheet of images, [rows,columns,channels,H,W], 8-bit, two white pixels apart.</summary>
    public static void WriteSheet(string path, Tensor images)
    {
        using var scope = NewDisposeScope();
        var rows = F.pad(images.cpu(), [0, Gap, 0, Gap], value: White).permute(2, 0, 3, 1, 4).flatten(3, 4).flatten(1, 2);
        WritePng(path, F.pad(rows, [Gap, 0, Gap, 0], value: White));
    }
}
