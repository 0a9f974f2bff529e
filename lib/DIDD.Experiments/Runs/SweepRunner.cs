namespace DIDD.Experiments;

/// <summary>
/// Computes the runs of a sweep, several at a time. Finished ones are left alone; one that another process computes is passed over, so that
/// several sweeps can share a folder; one that failed does not stop the others, and is tried again when the sweep is run again. Runs that differ in their evaluation
/// alone are distilled once.
/// </summary>
/// <param name="specs">The runs, valid, each once.</param>
/// <param name="root">Folder of the runs; each gets one of its own in it, named as its spec.</param>
/// <param name="compute">
/// Computes a cell into its folder, where its <c>spec.json</c> lies: takes what the run says, and a token that stops it. Returns null when done,
/// else the error in one line.
/// </param>
public sealed class SweepRunner(IEnumerable<RunSpec> specs, string root, Func<SweepCell, Action<string>, CancellationToken, Task<string?>> compute)
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();
    private int _workers = 1;

    /// <summary>The runs, in the order in which they are begun.</summary>
    public IReadOnlyList<SweepCell> Cells { get; } = [.. specs.Select(spec => new SweepCell(spec, root))];

    /// <summary>Wall-clock time of the sweep so far.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Wall-clock time that this sweep's runs took so far, added up: over <see cref="Elapsed"/>, how many ran at a time.</summary>
    public TimeSpan RunTime => TimeSpan.FromSeconds(Cells.Sum(cell => cell.Elapsed.TotalSeconds));

    /// <summary>
    /// Estimated time to the end: what is left of the running and waiting cells, over the workers, but at least the longest of them. A running cell takes as long as it says; any
    /// other as long as those done in this sweep of its data set, IPC and rule, or else as all of them, or before one is done as the running ones say. Null before one says so.
    /// </summary>
    public TimeSpan? Remaining
    {
        get
        {
            var computed = Cells.Any(cell => cell.Computed);
            // Read once: another thread may end the cell in between.
            var known = Cells.Where(cell => cell.Computed == computed).Select(cell => (Kind: Kind(cell), Seconds: cell.Duration?.TotalSeconds))
                .Where(cell => cell.Seconds is not null).Select(cell => (cell.Kind, TotalSeconds: cell.Seconds!.Value)).ToList();
            if (known.Count == 0)
                return null;
            var means = known.GroupBy(cell => cell.Kind, cell => cell.TotalSeconds).ToDictionary(group => group.Key, group => group.Average());
            var all = known.Average(cell => cell.TotalSeconds);
            var left = Cells.Where(cell => cell.State is SweepState.Waiting or SweepState.Running)
                .Select(cell => Math.Max(0, (cell.Duration?.TotalSeconds ?? means.GetValueOrDefault(Kind(cell), all)) - cell.Elapsed.TotalSeconds)).ToList();
            return TimeSpan.FromSeconds(Math.Min(Math.Max(left.Sum() / _workers, left.DefaultIfEmpty().Max()), TimeSpan.MaxValue.TotalSeconds / 2));
        }
    }

    /// <summary>The number of cells in a state.</summary>
    public int Count(SweepState state) => Cells.Count(cell => cell.State == state);

    /// <summary>Computes what is not done.</summary>
    /// <param name="workers">Runs at a time, at least 1.</param>
    /// <param name="changed">Takes a cell whose state or message has changed; one at a time.</param>
    /// <param name="cancellation">Stops the runs; what they have finished stays, and the same sweep goes on.</param>
    /// <returns>A task that ends when no run goes on any more.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task ExecuteAsync(int workers, Action<SweepCell>? changed = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        _workers = workers;
        _clock.Start();
        foreach (var cell in Cells.Where(cell => cell.OnDisk() == SweepState.Done))
            Change(cell, SweepState.Done, changed);
        var waiting = Cells.Where(cell => cell.State == SweepState.Waiting).ToList();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(workers, waiting.Count)).Select(_ => Work(waiting, changed, cancellation)));
        foreach (var cell in Cells.Where(cell => cell.State == SweepState.Elsewhere && cell.OnDisk() == SweepState.Done))
            Change(cell, SweepState.Done, changed);
        _clock.Stop();
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task Work(List<SweepCell> waiting, Action<SweepCell>? changed, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && Next(waiting, changed) is { } cell)
        {
            string? error;
            try
            {
                WriteSpec(cell);
                cell.SetsOf = SetsOf(cell);
                error = await compute(cell, line => Change(cell, SweepState.Running, changed, line), cancellation);
            }
            catch (OperationCanceledException)
            {
                error = "stopped";
            }
            catch (Exception e) when (e is SpecException or DataSetException or IOException or UnauthorizedAccessException)
            {
                error = e.Message;
            }
            // Another sweep may have been faster: then the run was refused here, and is done or under way.
            var state = error is null ? SweepState.Done : cell.OnDisk();
            cell.Computed = error is null;
            var isFailed = state == SweepState.Waiting && !cancellation.IsCancellationRequested;
            Change(cell, isFailed ? SweepState.Failed : state, changed, isFailed ? error! : "");
        }
    }

    // The first that waits, but of those that differ in their evaluation alone one after the other, as long as there are others: the next takes the sets of the one before.
    private SweepCell? Next(List<SweepCell> waiting, Action<SweepCell>? changed)
    {
        lock (_gate)
        {
            var next = waiting.Find(cell => !Cells.Any(other => other.State == SweepState.Running && SetsOfRun.HaveTheSameSets(other.Spec, cell.Spec))) ?? waiting.FirstOrDefault();
            if (next is null)
                return null;
            waiting.Remove(next);
            Change(next, SweepState.Running, changed);
            return next;
        }
    }

    // The run that has the sets already.
    private string? SetsOf(SweepCell cell) =>
        Cells.FirstOrDefault(other => other.State == SweepState.Done && SetsOfRun.HaveTheSameSets(other.Spec, cell.Spec) && SetsOfRun.Missing(Run.Open(other.Folder)) is null)?.Folder;

    private void Change(SweepCell cell, SweepState state, Action<SweepCell>? changed, string message = "")
    {
        lock (_gate)
        {
            cell.Become(state, message);
            changed?.Invoke(cell);
        }
    }

    private static void WriteSpec(SweepCell cell)
    {
        Directory.CreateDirectory(cell.Folder);
        var path = Path.Combine(cell.Folder, Run.SpecFile);
        if (!File.Exists(path))
            AtomicFile.WriteText(path, cell.Spec.ToJson());
        else
            new RunFolder(cell.Spec, cell.Spec.Name, cell.Folder, _ => { }).Compare(path);
    }

    private static (string, int, string, string) Kind(SweepCell cell) => (cell.Spec.Dataset, cell.Spec.Ipc, cell.Spec.Rule, cell.Spec.Profile);
}
