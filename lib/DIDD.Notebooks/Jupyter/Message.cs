using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Jupyter;

/// <summary>A request that was signed by the client.</summary>
/// <param name="Identities">Who gets the reply.</param>
/// <param name="Header">Its header, which every answer carries as its parent.</param>
/// <param name="Content">What it asks, as the client wrote it: to be read with <see cref="Text"/> and its like, since it may hold anything.</param>
/// <param name="IsControl">Whether it came on the control channel, which is served while a cell runs.</param>
internal sealed record Message(IReadOnlyList<byte[]> Identities, JsonObject Header, JsonObject Content, bool IsControl)
{
    /// <summary>Its type, such as <c>execute_request</c>.</summary>
    public string Type { get; } = (string)Header["msg_type"]!;

    /// <exception cref="MessageException">The content has no such text.</exception>
    public string Text(string name) => Content[name] is JsonValue value && value.TryGetValue(out string? text) ? text : throw new MessageException($"{Type}: '{name}' must be a text");

    /// <exception cref="MessageException">The content has something else of that name.</exception>
    public bool Flag(string name, bool whereAbsent) => Content[name] switch
    {
        null => whereAbsent,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw new MessageException($"{Type}: '{name}' must be true or false"),
    };

    /// <exception cref="MessageException">The content has something else of that name.</exception>
    public int? Number(string name) => Content[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out int number) => number,
        _ => throw new MessageException($"{Type}: '{name}' must be an integer"),
    };
}

/// <summary>A signed request's content is not what its type asks for.</summary>
internal sealed class MessageException(string message) : Exception(message);
