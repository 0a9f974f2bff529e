namespace DIDD.Notebooks.Jupyter;

/// <summary>A request that was signed by the client.</summary>
/// <param name="Identities">Who gets the reply.</param>
/// <param name="Header">Its header, which every answer carries as its parent.</param>
/// <param name="Content">What it asks, as the client wrote it, which may be anything: to be read with <see cref="Read"/>.</param>
/// <param name="IsControl">Whether it came on the control channel, which is served while a cell runs.</param>
internal sealed record Message(IReadOnlyList<byte[]> Identities, JsonObject Header, JsonObject Content, bool IsControl)
{
    /// <summary>Its type, such as <c>execute_request</c>.</summary>
    public string Type { get; } = (string)Header["msg_type"]!;

    /// <summary>What it asks.</summary>
    /// <exception cref="JsonException">The content is not what its type asks for.</exception>
    public T Read<T>() => Content.Deserialize<T>(ConnectionFile.Json)!;
}

/// <summary>What an <c>execute_request</c> asks.</summary>
internal sealed record Execution(string Code, bool Silent = false, bool StoreHistory = true, bool StopOnError = true, JsonObject? UserExpressions = null);

/// <summary>What requests about code ask; no position is the code's end.</summary>
internal sealed record CodeQuestion(string Code, int? CursorPos = null);
