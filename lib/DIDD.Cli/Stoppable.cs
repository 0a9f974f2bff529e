using System.Runtime.InteropServices;

namespace DIDD.Cli;

/// <summary>Actions of commands that stop in order when a signal asks for it: Ctrl-C, SIGTERM, a terminal that closes, and Ctrl-\.</summary>
internal static class Stoppable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Does the work on the thread that asks, the process's first: on any other, glibc takes every large tensor's memory from the system anew. However long an
    /// iteration takes, it ends before the work stops.
    /// </summary>
    public static Func<ParseResult, int> Action(Func<ParseResult, CancellationToken, int> work) => parsed =>
    {
        using var stop = new CancellationTokenSource();
        var registrations = Array.ConvertAll(Signals, signal => PosixSignalRegistration.Create(signal, Stop));
        try
        {
            return work(parsed, stop.Token);
        }
        finally
        {
            foreach (var registration in registrations)
                registration.Dispose();
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
            _ = Task.Delay(Patience).ContinueWith(
                _ => Console.Error.WriteLine("stops when what is under way (an iteration, a cell) has ended; if that takes too long, kill it: what was kept until now stays"), TaskScheduler.Default);
        }
    };

    /// <summary>The same of work that waits for other processes.</summary>
    public static Func<ParseResult, int> Action(Func<ParseResult, CancellationToken, Task<int>> work) =>
        Action((parsed, cancellation) => work(parsed, cancellation).GetAwaiter().GetResult());
}
