using System.Net;

namespace DIDD.Notebooks.Jupyter;

/// <summary>What a client tells its kernel in a file: where to listen, and the key that signs messages.</summary>
internal sealed record ConnectionFile(
    string Transport, string Ip, int ShellPort, int ControlPort, int StdinPort, int IopubPort, int HbPort, string Key, string SignatureScheme)
{
    /// <summary>How Jupyter's files and messages are read: what is not optional must be there.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read, or asks for what this kernel refuses: unsigned messages, an address that others reach.</exception>
    public static ConnectionFile Load(string path)
    {
        ConnectionFile read;
        try
        {
            read = JsonSerializer.Deserialize<ConnectionFile>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new IOException($"{path}: not a Jupyter connection file ({e.Message}); Jupyter writes one and passes its path", e);
        }

        if (read.Transport != "tcp")
            throw new IOException($"{path}: the transport is '{read.Transport}'; only tcp is supported, so leave c.KernelManager.transport at 'tcp'");
        if (read.Ip != "localhost" && !(IPAddress.TryParse(read.Ip, out var address) && IPAddress.IsLoopback(address)))
            throw new IOException($"{path}: {read.Ip} is not a loopback address; whoever reaches a kernel runs code, so have it listen on 127.0.0.1 and tunnel to it");
        if (read.SignatureScheme != "hmac-sha256" || read.Key.Length == 0)
            throw new IOException($"{path}: messages must be signed (signature_scheme hmac-sha256 with a key); this kernel takes no unsigned ones");
        return read;
    }

    /// <summary>The address of a port, as NetMQ writes it.</summary>
    public string Endpoint(int port) => $"tcp://{(Ip == "localhost" ? "127.0.0.1" : Ip.Contains(':') ? $"[{Ip}]" : Ip)}:{port}";
}
