using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace DIDD.Data;

/// <summary>
/// The safetensors format: an 8-byte little-endian header length, a JSON header, raw little-endian tensors.
/// Files open in Python's <c>safetensors</c> as they are.
/// </summary>
internal sealed class Safetensors(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata) : IDisposable
{
    private const string MetadataKey = "__metadata__";
    private const long LargestHeader = 10_000_000;

    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F32", ScalarType.Float32, 4), ("F64", ScalarType.Float64, 8), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>The tensors by name, on the CPU.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>The strings of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="DataSetException">There is none.</exception>
    public Tensor this[string name] => Tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new DataSetException($"{path}: has no tensor {name}; it has {string.Join(", ", Tensors.Keys.Order(StringComparer.Ordinal))}");

    /// <summary>Reads a file, or some of its tensors.</summary>
    /// <exception cref="DataSetException">The file is missing, truncated or not in the format.</exception>
    public static Safetensors Read(string path, Func<string, bool>? wanted = null)
    {
        if (!File.Exists(path))
            throw new DataSetException($"{path}: no such file");
        using var stream = File.OpenRead(path);
        try
        {
            return Read(path, stream, wanted ?? (_ => true));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException or EndOfStreamException or InvalidDataException or KeyNotFoundException or OverflowException)
        {
            throw new DataSetException($"{path}: not a readable safetensors file ({e.Message}); write or fetch it again", e);
        }
    }

    /// <summary>Writes tensors (any device, any stride) and metadata; the file appears whole or not at all. Tensors are stored in the order of their names.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata) =>
        Write(path, Entries(tensors), metadata);

    /// <summary>Writes tensors that are fetched one at a time, so that all together need not fit into memory.</summary>
    public static void Write(string path, IReadOnlyList<Entry> entries, IReadOnlyDictionary<string, string> metadata) =>
        AtomicFile.Write(path, stream => Write(stream, entries, metadata));

    /// <summary>SHA-256 of what a file of these tensors and metadata holds.</summary>
    public static string Sum(IReadOnlyDictionary<string, Tensor> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var sum = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, sum, CryptoStreamMode.Write))
            Write(stream, Entries(tensors), metadata);
        return Convert.ToHexStringLower(sum.Hash!);
    }

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
            tensor.Dispose();
    }

    private static List<Entry> Entries(IReadOnlyDictionary<string, Tensor> tensors) =>
        [.. tensors.Select(t => new Entry(t.Key, t.Value.dtype, t.Value.shape, () => t.Value.alias()))];

    private static void Write(Stream stream, IReadOnlyList<Entry> entries, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var ordered = entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).ToList();
        var header = new JsonObject { [MetadataKey] = new JsonObject(metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))) };
        long end = 0;
        foreach (var entry in ordered)
        {
            var (typeName, _, bytes) = Array.Find(Types, t => t.Type == entry.Type);
            if (typeName is null)
                throw new ArgumentException($"{entry.Name}: {entry.Type} cannot be stored as safetensors", nameof(entries));
            var start = end;
            end += entry.Shape.Aggregate((long)bytes, (product, side) => product * side);
            header[entry.Name] = new JsonObject
            {
                ["dtype"] = typeName,
                ["shape"] = new JsonArray([.. entry.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(start, end),
            };
        }
        var json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        var padded = (json.Length + 7) / 8 * 8;
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, padded);
        stream.Write(length);
        stream.Write(json);
        for (var i = json.Length; i < padded; i++)
            stream.WriteByte((byte)' ');
        using var noGrad = no_grad();
        foreach (var entry in ordered)
        {
            using var scope = NewDisposeScope();
            stream.Write(entry.Tensor().detach().cpu().contiguous().bytes);
        }
    }

    private static Safetensors Read(string path, Stream stream, Func<string, bool> wanted)
    {
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(length);
        if (headerLength < 2 || headerLength > LargestHeader || headerLength > stream.Length - 8)
            throw new InvalidDataException($"the header would have {headerLength} bytes, the file has {stream.Length}");
        var json = new byte[headerLength];
        stream.ReadExactly(json);
        var header = JsonNode.Parse(json)?.AsObject() ?? throw new InvalidDataException("the header is empty");
        var metadata = new Dictionary<string, string>();
        foreach (var (key, value) in header[MetadataKey]?.AsObject() ?? [])
            metadata[key] = value?.GetValue<string>() ?? "";

        var tensors = new Dictionary<string, Tensor>();
        var start = 8 + headerLength;
        var left = stream.Length - start;
        foreach (var (name, entry) in header.Where(e => e.Key != MetadataKey))
        {
            var typeName = Member(entry, name, "dtype").GetValue<string>();
            var (_, type, bytes) = Array.Find(Types, t => t.Name == typeName);
            if (bytes == 0)
                throw new InvalidDataException($"{name} has the unknown type {typeName}");
            var shape = Member(entry, name, "shape").AsArray().Select(size => size?.GetValue<long>() ?? -1).ToArray();
            var offsets = Member(entry, name, "data_offsets").AsArray().Select(offset => offset?.GetValue<long>() ?? -1).ToArray();
            var size = shape.Aggregate((long)bytes, (product, side) => side >= 0 ? checked(product * side) : throw new InvalidDataException($"{name} has a negative side"));
            if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] - offsets[0] != size || offsets[1] > stream.Length - start)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"{name} [{string.Join(',', shape)}] {typeName} needs {size} bytes; its offsets are {string.Join("..", offsets)} of {stream.Length - start}"));
            // Tensors do not overlap, so together they need no more memory than the file has bytes.
            if ((left -= size) < 0)
                throw new InvalidDataException($"its tensors overlap at {name}");
            if (!wanted(name))
                continue;
            var raw = new byte[size];
            stream.Position = start + offsets[0];
            stream.ReadExactly(raw);
            var tensor = torch.empty(shape, dtype: type).DetachFromDisposeScope();
            if (size > 0)
                tensor.bytes = raw;
            tensors.Add(name, tensor);
        }
        return new Safetensors(path, tensors, metadata);
    }

    /// <summary>A tensor to be written.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Type">Type of the elements.</param>
    /// <param name="Shape">Its shape.</param>
    /// <param name="Tensor">Fetches it; it is disposed of once it is written.</param>
    public sealed record Entry(string Name, ScalarType Type, IReadOnlyList<long> Shape, Func<Tensor> Tensor);

    private static JsonNode Member(JsonNode? entry, string tensor, string member) =>
        (entry as JsonObject)?[member] ?? throw new InvalidDataException($"{tensor} has no {member}");
}
