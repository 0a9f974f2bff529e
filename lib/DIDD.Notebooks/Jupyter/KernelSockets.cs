using NetMQ;
using NetMQ.Sockets;

namespace DIDD.Notebooks.Jupyter;

/// <summary>The five channels of a kernel. One thread owns the sockets; any thread may send, and what is sent goes out in that order.</summary>
internal sealed class KernelSockets : IDisposable
{
    private readonly MessageCodec _codec;
    private readonly RouterSocket _shell = new();
    private readonly RouterSocket _control = new();
    private readonly RouterSocket _stdin = new();
    private readonly PublisherSocket _iopub = new();
    private readonly ResponseSocket _heartbeat = new();

    // Null is the end.
    private readonly NetMQQueue<(NetMQSocket Socket, NetMQMessage Message)?> _outgoing = new();
    private readonly NetMQPoller _poller;

    /// <param name="connection">Where to listen.</param>
    /// <param name="receive">Gets each good message, on the thread of <see cref="Run"/>.</param>
    /// <exception cref="IOException">A port is taken.</exception>
    public KernelSockets(ConnectionFile connection, Action<Message> receive)
    {
        _codec = new MessageCodec(connection.Key);
        _poller = [_shell, _control, _stdin, _heartbeat, _outgoing];
        // A cell may print faster than a client reads; nothing may get lost on the way.
        _iopub.Options.SendHighWatermark = 0;
        try
        {
            _shell.Bind(connection.Endpoint(connection.ShellPort));
            _control.Bind(connection.Endpoint(connection.ControlPort));
            _stdin.Bind(connection.Endpoint(connection.StdinPort));
            _iopub.Bind(connection.Endpoint(connection.IopubPort));
            _heartbeat.Bind(connection.Endpoint(connection.HbPort));
        }
        catch (NetMQException e)
        {
            Dispose();
            throw new IOException($"a port of the connection file cannot be listened on ({e.Message}); start the kernel again, with other ports", e);
        }

        _shell.ReceiveReady += (_, _) => Receive(_shell, receive);
        _control.ReceiveReady += (_, _) => Receive(_control, receive);
        // No input is ever asked for, so nothing is expected here.
        _stdin.ReceiveReady += (_, _) => _stdin.ReceiveMultipartMessage();
        _heartbeat.ReceiveReady += (_, _) => _heartbeat.SendMultipartMessage(_heartbeat.ReceiveMultipartMessage());
        _outgoing.ReceiveReady += (_, _) => Send();
    }

    /// <summary>Serves the channels until <see cref="Stop"/>.</summary>
    public void Run() => _poller.Run();

    /// <summary>Ends <see cref="Run"/> once everything before is sent.</summary>
    public void Stop() => _outgoing.Enqueue(null);

    /// <summary>Answers a request, on the channel it came on.</summary>
    public void Reply(Message request, object content)
    {
        var type = request.Type.Replace("_request", "_reply", StringComparison.Ordinal);
        _outgoing.Enqueue((request.IsControl ? _control : _shell, _codec.Write(request.Identities, type, request.Header, content)));
    }

    /// <summary>Tells all clients.</summary>
    public void Publish(string type, JsonObject? parent, object content) =>
        _outgoing.Enqueue((_iopub, _codec.Write([Encoding.ASCII.GetBytes(type)], type, parent, content)));

    public void Dispose()
    {
        _poller.Dispose();
        foreach (var socket in (NetMQSocket[])[_shell, _control, _stdin, _iopub, _heartbeat])
        {
            socket.Options.Linger = TimeSpan.FromSeconds(1);
            socket.Dispose();
        }

        _outgoing.Dispose();
    }

    private void Receive(RouterSocket socket, Action<Message> receive)
    {
        if (_codec.Read(socket.ReceiveMultipartMessage(), socket == _control) is { } message)
            receive(message);
    }

    private void Send()
    {
        while (_outgoing.TryDequeue(out var next, TimeSpan.Zero))
        {
            if (next is var (socket, message))
                socket.SendMultipartMessage(message);
            else
                _poller.Stop();
        }
    }
}
