using DIDD.Notebooks;

namespace Microsoft.DotNet.Interactive;

/// <summary>The execution of a cell, named as in .NET Interactive.</summary>
public sealed class KernelInvocationContext
{
    private KernelInvocationContext(CancellationToken cancellationToken) => CancellationToken = cancellationToken;

    /// <summary>That of the cell that runs.</summary>
    public static KernelInvocationContext Current => new(Session.Current.Interrupt);

    /// <summary>Tells a cell that computes for long that it was interrupted: <c>KernelInvocationContext.Current.CancellationToken.ThrowIfCancellationRequested()</c>.</summary>
    public CancellationToken CancellationToken { get; }
}
