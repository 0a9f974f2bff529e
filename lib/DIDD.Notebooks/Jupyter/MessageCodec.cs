using System.Text.Encodings.Web;
using NetMQ;

namespace DIDD.Notebooks.Jupyter;

/// <summary>
/// Jupyter's messages on the wire: identities, a delimiter, the signature over the four parts that follow, and those parts. Only what the
/// client's key signed is read, and that once: a message that comes again is refused as a replay.
/// </summary>
/// <param name="key">The key of the connection file.</param>
internal sealed class MessageCodec(string key)
{
    /// <summary>The version of the protocol that is spoken.</summary>
    public const string ProtocolVersion = "5.3";

    private const int SignedParts = 4;

    private static readonly byte[] Delimiter = "<IDS|MSG>"u8.ToArray();
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly HashSet<string> _signaturesSeen = [];
    private readonly string _session = Guid.NewGuid().ToString("N");

    /// <summary>Reads a message; called from one thread.</summary>
    /// <returns>Null for what is malformed, unsigned, wrongly signed or replayed.</returns>
    public Message? Read(NetMQMessage wire, bool isControl)
    {
        var frames = wire.Select(frame => frame.ToByteArray()).ToList();
        var delimiter = frames.FindIndex(frame => frame.AsSpan().SequenceEqual(Delimiter));
        if (delimiter < 0 || frames.Count < delimiter + 2 + SignedParts)
            return null;
        var parts = frames.GetRange(delimiter + 2, SignedParts);
        var signature = Sign(parts);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(signature), frames[delimiter + 1]) || !_signaturesSeen.Add(signature))
            return null;
        try
        {
            return Parse(parts[0]) is { } header && header["msg_type"]?.GetValueKind() == JsonValueKind.String && Parse(parts[3]) is { } content
                ? new Message(frames[..delimiter], header, content, isControl)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes a message; called from any thread.</summary>
    /// <param name="addressees">The identities of a reply, or the topic of a broadcast.</param>
    /// <param name="type">Its type, such as <c>execute_reply</c>.</param>
    /// <param name="parent">The header of the request that caused it; null where none did.</param>
    /// <param name="content">Its content.</param>
    public NetMQMessage Write(IEnumerable<byte[]> addressees, string type, JsonObject? parent, object content)
    {
        var header = new { msg_id = Guid.NewGuid().ToString("N"), session = _session, username = "kernel", date = DateTime.UtcNow, msg_type = type, version = ProtocolVersion };
        List<byte[]> parts = [.. new[] { header, parent ?? [], new JsonObject(), content }.Select(part => JsonSerializer.SerializeToUtf8Bytes(part, Json))];
        return new NetMQMessage([.. addressees, Delimiter, Encoding.ASCII.GetBytes(Sign(parts)), .. parts]);
    }

    private static JsonObject? Parse(byte[] json) => JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;

    private string Sign(List<byte[]> parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        parts.ForEach(hmac.AppendData);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }
}
