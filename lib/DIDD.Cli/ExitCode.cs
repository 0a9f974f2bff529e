namespace DIDD.Cli;

/// <summary>What the command's exit code means.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A check, a notebook or a run failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line asks for what cannot be; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl-C.</summary>
    public const int Stopped = 130;
}
