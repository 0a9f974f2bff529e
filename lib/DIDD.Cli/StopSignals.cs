using System.Runtime.InteropServices;

namespace DIDD.Cli;

/// <summary>The signals that ask to stop beside Ctrl-C and SIGTERM: a terminal that closes (SIGHUP), and Ctrl-\ (SIGQUIT).</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public StopSignals() => _registrations = [.. new[] { PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _source.Cancel();
    }))];

    /// <summary>Cancelled by the first of them.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }
}
