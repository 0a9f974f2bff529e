namespace DIDD.Experiments;

/// <summary>Somebody who watches one computation and can stop it, such as a notebook that shows how far it is.</summary>
/// <param name="Report">Takes the progress, many times a second.</param>
/// <param name="End">Takes whether the computation came to its end, once.</param>
/// <param name="Interrupt">Stops it.</param>
public sealed record RunWatcher(Action<RunProgress> Report, Action<bool> End, CancellationToken Interrupt)
{
    /// <summary>
    /// Makes the watcher of a computation that is given no progress, as in a notebook's cells (<see cref="RunStore.OpenOrCompute"/>, <see cref="Learners.Distil"/>,
    /// <see cref="DomainTrace"/>). Set once, by who hosts them; null elsewhere.
    /// </summary>
    public static Func<RunSpec, RunWatcher>? Host { get; set; }

    /// <summary>Computes under the host's eyes, if there is one; a token that was given goes before its own.</summary>
    internal static T Watched<T>(RunSpec spec, Func<Action<RunProgress>?, CancellationToken, T> compute, CancellationToken given)
    {
        if (Host is null)
            return compute(null, given);
        var (watcher, done) = (Host(spec), false);
        try
        {
            var result = compute(watcher.Report, given.CanBeCanceled ? given : watcher.Interrupt);
            done = true;
            return result;
        }
        finally
        {
            watcher.End(done);
        }
    }
}
