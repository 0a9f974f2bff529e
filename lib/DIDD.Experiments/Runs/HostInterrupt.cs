namespace DIDD.Experiments;

/// <summary>The wish of whoever hosts this process, such as a notebook whose cell is interrupted, that a computation without a token of its own stops.</summary>
internal static class HostInterrupt
{
    /// <summary>Where the host keeps its token: data of the application domain, so that neither side references the other.</summary>
    private const string Key = "DIDD.Interrupt";

    /// <summary>The token that was given or, where none was, the host's.</summary>
    public static CancellationToken Or(CancellationToken given) =>
        !given.CanBeCanceled && AppContext.GetData(Key) is CancellationToken host ? host : given;
}
