using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DIDD.Tests.Figures;

/// <summary>Writes pictures that move where they are shown by a browser (APNG): 8 bits a pixel, with a palette. Programs that know PNG alone show the last frame.</summary>
internal static class AnimatedPng
{
    private static readonly uint[] Crc = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1))];

    /// <summary>Encodes frames.</summary>
    /// <param name="frames">Indices into the palette, [height·width] each; at least one.</param>
    /// <param name="width">Width, pixels.</param>
    /// <param name="height">Height, pixels.</param>
    /// <param name="palette">At most 256 colours, red, green, blue.</param>
    /// <param name="milliseconds">How long a frame stays.</param>
    /// <param name="source">What the picture was made of, in ASCII: kept as the text <c>Source</c>.</param>
    public static byte[] Encode(IReadOnlyList<byte[]> frames, int width, int height, IReadOnlyList<byte[]> palette, int milliseconds, string source)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Chunk(png, "IHDR", [.. Big(width), .. Big(height), 8, 3, 0, 0, 0]);
        Chunk(png, "PLTE", [.. palette.SelectMany(colour => colour)]);
        Chunk(png, "tEXt", [.. Encoding.ASCII.GetBytes("Source"), 0, .. Encoding.ASCII.GetBytes(source)]);
        Chunk(png, "acTL", [.. Big(frames.Count), .. Big(0)]);
        Chunk(png, "IDAT", Compressed(frames[^1], width));
        var sequence = 0;
        foreach (var frame in frames)
        {
            Chunk(png, "fcTL", [.. Big(sequence++), .. Big(width), .. Big(height), .. Big(0), .. Big(0), .. Short(milliseconds), .. Short(1000), 0, 0]);
            Chunk(png, "fdAT", [.. Big(sequence++), .. Compressed(frame, width)]);
        }
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    /// <summary>The text <c>Source</c> of a picture; null where it has none.</summary>
    public static string? Source(byte[] png)
    {
        for (var at = 8; at + 8 <= png.Length; at += 12 + BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at)))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (Encoding.ASCII.GetString(png, at + 4, 4) == "tEXt")
                return Encoding.ASCII.GetString(png, at + 8, length).Split('\0')[1];
        }
        return null;
    }

    private static byte[] Big(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    // Each row after a byte that says: no filter.
    private static byte[] Compressed(byte[] frame, int width)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            foreach (var row in frame.Chunk(width))
                zlib.Write([0, .. row]);
        return packed.ToArray();
    }

    private static void Chunk(Stream png, string type, byte[] content)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. content];
        png.Write(Big(content.Length));
        png.Write(typed);
        png.Write(Big((int)~typed.Aggregate(0xFFFFFFFF, (crc, value) => Crc[(crc ^ value) & 0xFF] ^ (crc >> 8))));
    }
}
