namespace DIDD.Experiments;

/// <summary>Where a run of a sweep stands.</summary>
public enum SweepState
{
    /// <summary>Not begun, or begun and stopped.</summary>
    Waiting,

    /// <summary>This sweep computes it.</summary>
    Running,

    /// <summary>Another process computes it.</summary>
    Elsewhere,

    /// <summary>Finished, now or before.</summary>
    Done,

    /// <summary>It ended with an error.</summary>
    Failed,
}

/// <summary>A run of a sweep: its spec, its folder, and where it stands. Its members change while the sweep goes on, one thread at a time.</summary>
public sealed class SweepCell(RunSpec spec, string root)
{
    private readonly Stopwatch _clock = new();
    private double _expected = double.NaN;

    /// <summary>What to compute.</summary>
    public RunSpec Spec { get; } = spec;

    /// <summary>The run's folder, named as its spec.</summary>
    public string Folder { get; } = Path.Combine(root, spec.Name);

    /// <summary>Where it stands.</summary>
    public SweepState State { get; private set; }

    /// <summary>What it said last, or why it failed; empty before.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Whether this sweep computed it to its end.</summary>
    public bool Computed { get; internal set; }

    /// <summary>The folder of a finished run whose sets it takes in place of distilling; null for none.</summary>
    public string? SetsOf { get; internal set; }

    /// <summary>Wall-clock time that this sweep spent on it.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Where it stands by what is on disk: done, computed by some process, or waiting.</summary>
    public SweepState OnDisk() => IsFinished() ? SweepState.Done : RunLock.IsHeld(Folder) ? SweepState.Elsewhere : SweepState.Waiting;

    /// <summary>Domains done so far, of all; 0 where none is or the accuracies are damaged.</summary>
    public int DomainsDone
    {
        get
        {
            try
            {
                return Run.Read<RunAccuracy>(Path.Combine(Folder, Run.AccuracyFile)).Matrix().Done;
            }
            catch (Exception e) when (e is DataSetException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                return 0;
            }
        }
    }

    /// <summary>How long it took, or, while it runs, will take by what it said; null where nobody knows yet.</summary>
    public TimeSpan? Duration => Computed ? Elapsed : State == SweepState.Running && !double.IsNaN(_expected) ? TimeSpan.FromSeconds(_expected) : null;

    /// <summary>Takes the time that its run says is left.</summary>
    public void Expect(TimeSpan left) => _expected = (Elapsed + left).TotalSeconds;

    internal void Become(SweepState state, string message = "")
    {
        if (state == SweepState.Running)
            _clock.Start();
        else
            _clock.Stop();
        (State, Message) = (state, message);
    }

    // The environment is written last. A folder that is damaged is not finished: computing it says what is wrong.
    private bool IsFinished() => File.Exists(Path.Combine(Folder, Run.EnvironmentFile)) && DomainsDone == Spec.Domains && RunCheck.Damage(Folder).Count == 0;
}
