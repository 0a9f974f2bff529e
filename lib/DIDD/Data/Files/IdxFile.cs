using System.Buffers.Binary;
using System.IO.Compression;

namespace DIDD.Data;

/// <summary>The idx format of MNIST and its relatives: a magic number, the sizes (32-bit, big-endian), then unsigned bytes; gzipped or plain.</summary>
internal static class IdxFile
{
    private const int LargestContent = 256 << 20;
    private const int LargestDeflateRatio = 1032;

    /// <summary>Reads all elements of a file or of that with .gz, one after another; an element has the sides given, none for labels.</summary>
    /// <exception cref="DataSetException">The file is missing, damaged, or of another shape.</exception>
    public static byte[] Read(string folder, string name, params ReadOnlySpan<int> sides)
    {
        var path = new[] { $"{name}.gz", name }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists)
            ?? throw new DataSetException($"{Path.Combine(folder, name)}: no such file, nor with .gz; put the four idx files into this folder (data/README.md#mnist)");
        try
        {
            using var file = File.OpenRead(path);
            if (!path.EndsWith(".gz", StringComparison.Ordinal))
                return Read(file, file.Length, sides);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            return Read(unpacked, file.Length * LargestDeflateRatio, sides);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new DataSetException($"{path}: not a readable idx file ({e.Message}); copy it again", e);
        }
    }

    // atMost: bytes that there can be; what the header claims beyond is not believed, so not allocated.
    private static byte[] Read(Stream stream, long atMost, ReadOnlySpan<int> sides)
    {
        Span<byte> header = stackalloc byte[8 + 4 * sides.Length];
        stream.ReadExactly(header);
        var magic = BinaryPrimitives.ReadInt32BigEndian(header);
        if (magic != 0x800 + 1 + sides.Length)
            throw new InvalidDataException($"magic number 0x{magic:x8}, expected 0x{0x801 + sides.Length:x8}");
        long bytes = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        for (var i = 0; i < sides.Length; i++)
        {
            var side = BinaryPrimitives.ReadInt32BigEndian(header[(8 + 4 * i)..]);
            if (side != sides[i])
                throw new InvalidDataException($"elements have a side of {side}, expected {sides[i]}");
            bytes *= side;
        }
        if (bytes > Math.Min(atMost, LargestContent))
            throw new InvalidDataException($"the header promises {bytes} bytes, the file can hold {Math.Min(atMost, LargestContent)}");
        var content = new byte[bytes];
        stream.ReadExactly(content);
        if (stream.ReadByte() >= 0)
            throw new InvalidDataException($"goes on after the {bytes} bytes that its header promises");
        return content;
    }
}
