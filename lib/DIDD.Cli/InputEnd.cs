namespace DIDD.Cli;

/// <summary>
/// The end of the standard input as a request to stop: how a sweep stops its runs on every system, and why none outlives a sweep that was killed.
/// </summary>
internal static class InputEnd
{
    /// <summary>A token that is cancelled with the given one, and when the standard input ends.</summary>
    public static CancellationToken Or(CancellationToken cancellation)
    {
        // Lives as long as the process: the thread that reads cannot be interrupted.
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }
            source.Cancel();
        })
        { IsBackground = true, Name = "end of input" }.Start();
        return source.Token;
    }
}
