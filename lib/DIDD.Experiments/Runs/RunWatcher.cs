namespace DIDD.Experiments;

/// <summary>Somebody who watches one computation, such as a notebook that shows how far it is.</summary>
/// <param name="Report">Takes the progress, many times a second.</param>
/// <param name="End">Takes whether the computation came to its end, once.</param>
public sealed record RunWatcher(Action<RunProgress> Report, Action<bool> End)
{
    /// <summary>Where the host keeps how watchers are made: data of the application domain, so that neither side references the other.</summary>
    private const string Key = "DIDD.RunWatcher";

    /// <summary>Has every computation watched from now on that is not given a progress of its own (<see cref="RunStore.Get"/>, <see cref="Learners.Distil"/>).</summary>
    /// <param name="create">Makes the watcher of a spec.</param>
    public static void Use(Func<RunSpec, RunWatcher> create) => AppContext.SetData(Key, create);

    /// <summary>Computes under the eyes of the host's watcher, if it has one.</summary>
    internal static T Watched<T>(RunSpec spec, Func<Action<RunProgress>?, T> compute)
    {
        if (AppContext.GetData(Key) is not Func<RunSpec, RunWatcher> create)
            return compute(null);
        var watcher = create(spec);
        var done = false;
        try
        {
            var result = compute(watcher.Report);
            done = true;
            return result;
        }
        finally
        {
            watcher.End(done);
        }
    }
}
