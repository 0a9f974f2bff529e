using System.Runtime;

namespace DIDD.Notebooks;

/// <summary>
/// Runs a cell's code on a thread of its own, so that an interrupt ends it: code that watches its cancellation token gets a moment to end by
/// itself, then the runtime aborts the thread, wherever managed code runs. Code after an <c>await</c> may be on other threads, where nothing
/// can be aborted; it is no longer waited for.
/// </summary>
internal static class InterruptibleThread
{
    /// <summary>How long code has to notice an interrupt.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Runs code to its end.</summary>
    /// <param name="code">The code.</param>
    /// <param name="interrupt">Ends it.</param>
    /// <exception cref="Exception">What the code threw or, where it was ended before that, a sign of it.</exception>
    public static async Task RunAsync(Func<Task> code, CancellationToken interrupt)
    {
        using var abort = new CancellationTokenSource();
        var started = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(code, started, abort.Token)) { IsBackground = true };
        await using var timer = new Timer(_ =>
        {
            // A thread that waits notices only this.
            thread.Interrupt();
            abort.Cancel();
        });
        await using var registration = interrupt.Register(() => timer.Change(Moment, Timeout.InfiniteTimeSpan));
        thread.Start();
        await (await started.Task).WaitAsync(abort.Token);
    }

    private static void Run(Func<Task> code, TaskCompletionSource<Task> started, CancellationToken abort)
    {
        try
        {
            Task? running = null;
#pragma warning disable SYSLIB0046 // Not for production, says the runtime: it is made for this, code that a user typed and wants stopped.
            ControlledExecution.Run(() => running = code(), abort);
#pragma warning restore SYSLIB0046
            started.SetResult(running!);
        }
        catch (Exception e)
        {
            started.SetException(e);
        }
    }
}
