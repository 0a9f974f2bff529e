namespace DIDD.Experiments;

/// <summary>
/// Computes a run, or some classes of one, into its folder, domain by domain. What is done stays: what was stopped or killed goes on at the last iteration that it kept
/// (<see cref="Checkpoint"/>), with the same bytes in the end; what is damaged is computed again, of what is finished too; what is whole is only opened.
/// </summary>
/// <typeparam name="T">What was computed.</typeparam>
public abstract class FolderRunner<T> where T : class
{
    private readonly string _name;
    private readonly Stopwatch _clock = new();
    private double _distilling, _evaluating;
    private int _distilled, _evaluated;

    private protected FolderRunner(RunSpec spec, string name, string folder, Device? device) =>
        (Spec, _name, Folder, Device) = (spec, name, folder, device ?? CPU);

    /// <summary>Time from one checkpoint of a domain under way to the next; zero for every iteration. It does not change the result.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes what was found damaged and is computed again, and which classes have fewer images than are taken at once, a line each.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Takes the estimate of memory and time, before the first iteration.</summary>
    public Action<RunEstimate>? Estimated { get; init; }

    /// <summary>Whether to compute even if more memory is needed than there is.</summary>
    public bool Force { get; init; }

    private protected RunSpec Spec { get; }

    private protected string Folder { get; }

    private protected Device Device { get; }

    // SHA-256 of the sets of the domains done.
    private protected List<string> Sums { get; } = [];

    // Of all networks after a domain; none where nothing is evaluated.
    private protected abstract int EpochsAfter(int domain);

    /// <summary>Computes what is missing and opens what was computed.</summary>
    /// <param name="progress">Takes the progress, many times a second.</param>
    /// <param name="cancellation">Stops the computation, and keeps where it is.</param>
    /// <exception cref="SpecException">The folder holds something else, another process computes it, it cannot be written, or a shard's rule or classes are impossible.</exception>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded; finished domains stay.</exception>
    /// <exception cref="IOException">The disk is full, or the folder no longer writable; what was written before is intact.</exception>
    public T Execute(Action<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        var files = new RunFolder(Spec, _name, Folder, Warn ?? (_ => { }));
        return Whole() ?? files.Locked(() =>
        {
            // Another process may have had the folder until now.
            if (Whole() is { } meanwhile)
                return meanwhile;
            using var scope = NewDisposeScope();
            Compute(files, progress ?? (_ => { }), cancellation);
            return Open();
        });

        T? Whole()
        {
            Refuse();
            // Damage is named, and taken away, once the folder is locked.
            if (!File.Exists(Path.Combine(Folder, Run.EnvironmentFile)) || RunCheck.Damage(Folder).Count > 0)
                return null;
            files.Compare(Path.Combine(Folder, Run.SpecFile));
            return Open() is var opened && IsFinished(opened) ? opened : null;
        }
    }

    // Where the folder holds something else.
    private protected abstract void Refuse();

    private protected abstract T Open();

    private protected abstract bool IsFinished(T opened);

    private protected abstract void Compute(RunFolder files, Action<RunProgress> progress, CancellationToken cancellation);

    private protected void Start(RunFolder files)
    {
        _clock.Start();
        files.Start();
    }

    private protected int First(Learner learner) => learner.Joint ? Spec.Domains - 1 : 0;

    // The domains from one on: learns each, and writes it and, last, the file by which it counts as done.
    private protected void Learn(
        RunFolder files, DomainStream stream, Learner learner, int first, bool warns, Func<int, SyntheticSet, double?> evaluate,
        string doneFile, Func<SyntheticSet, string> done,
        Action<RunProgress> progress, CancellationToken cancellation)
    {
        var set = first == First(learner) ? null : SyntheticSet.Load(Run.SetPath(Folder, first - 1), Device);
        try
        {
            for (var domain = first; domain < Spec.Domains; domain++)
            {
                foreach (var small in learner.Joint || !warns ? [] : Learners.SmallClasses(Spec, stream, domain))
                    Warn?.Invoke(small);
                var before = (Seconds: _distilling, Clock: _clock.Elapsed.TotalSeconds);
                var next = files.Learn(learner, domain, set, CheckpointEvery, record =>
                {
                    (_distilling, _distilled) = (before.Seconds + _clock.Elapsed.TotalSeconds - before.Clock, _distilled + 1);
                    progress(Progress(learner, domain, record.Iteration + 1, record.Plastic));
                }, cancellation);
                set?.Dispose();
                set = next;
                var average = evaluate(domain, set);
                files.Save(stream, domain, set, doneFile, () =>
                {
                    Sums.Add(Run.Sum(Run.SetPath(Folder, domain)));
                    return done(set);
                });
                if (average is not null)
                    progress(Progress(learner, domain, EpochsAfter(domain)) with { Average = average });
            }
        }
        finally
        {
            set?.Dispose();
        }
    }

    private protected IReadOnlyList<IReadOnlyList<double?>> Evaluate(
        Evaluator evaluator, Learner learner, int domain, SyntheticSet set, Action<RunProgress> progress, CancellationToken cancellation)
    {
        var before = (Seconds: _evaluating, Clock: _clock.Elapsed.TotalSeconds, Epochs: _evaluated);
        void Measure(int epochs) => (_evaluating, _evaluated) = (before.Seconds + _clock.Elapsed.TotalSeconds - before.Clock, before.Epochs + epochs);
        var accuracies = evaluator.Evaluate(domain, set, epochs =>
        {
            Measure(epochs);
            progress(Progress(learner, domain, epochs));
        }, cancellation);
        Measure(EpochsAfter(domain));
        return accuracies;
    }

    // With a loss of a distillation, without one of an evaluation.
    private RunProgress Progress(Learner learner, int domain, int step, double? loss = null)
    {
        var evaluating = loss is null;
        int EpochsBefore(int end) => Enumerable.Range(0, end).Sum(EpochsAfter);
        var (stage, stages) = learner.Joint ? (0, 1) : (domain, Spec.Domains);
        var iterations = stage * learner.Iterations + (evaluating ? learner.Iterations : step);
        var epochs = (learner.Joint ? 0 : EpochsBefore(domain)) + (evaluating ? step : 0);
        double perIteration = _distilling / Math.Max(1, _distilled), perEpoch = _evaluated > 0 ? _evaluating / _evaluated : perIteration / 4;
        var remaining = (stages * learner.Iterations - iterations) * perIteration + ((learner.Joint ? EpochsAfter(domain) : EpochsBefore(Spec.Domains)) - epochs) * perEpoch;
        var done = iterations * perIteration + epochs * perEpoch;
        return new RunProgress(
            domain, Spec.Domains, evaluating, step, evaluating ? EpochsAfter(domain) : learner.Iterations, loss, null,
            done + remaining > 0 ? done / (done + remaining) : 0, _distilled + _evaluated > 0 ? TimeSpan.FromSeconds(remaining) : null, learner.Look);
    }
}
