using System.Diagnostics;

namespace DIDD.Distillation;

/// <summary>
/// Wall-clock seconds of the stages of an iteration, summed over those of a domain. A GPU computes behind the program's back: there the time falls to the stage
/// that waits.
/// </summary>
/// <param name="Targets">Draws, and features of the real and previous images.</param>
/// <param name="Gradients">Features of the synthetic images, losses, g_P and g_S.</param>
/// <param name="Rule">The update rule, with its meta step.</param>
/// <param name="Update">The image optimiser.</param>
public sealed record StageSeconds(double Targets, double Gradients, double Rule, double Update);

internal enum Stage { Targets, Gradients, Rule, Update }

/// <summary>Measures the stages.</summary>
internal sealed class StageClock
{
    private const string SecondsName = "seconds.stages";

    private readonly TimeSpan[] _stages = new TimeSpan[Enum.GetValues<Stage>().Length];
    private long _last;

    public StageSeconds Seconds => new(At(Stage.Targets), At(Stage.Gradients), At(Stage.Rule), At(Stage.Update));

    /// <summary>Called before a stage's end is read: a measurement on a GPU waits for the device here, so that every stage has its own time.</summary>
    public Action? Wait { get; set; }

    public void Save(IDictionary<string, Tensor> state) => state[SecondsName] = tensor(_stages.Select(stage => stage.TotalSeconds).ToArray());

    public void Restore(IReadOnlyDictionary<string, Tensor> state) => state[SecondsName].data<double>().Select(TimeSpan.FromSeconds).ToArray().CopyTo(_stages, 0);

    /// <summary>Begins an iteration.</summary>
    public void Begin() => _last = Stopwatch.GetTimestamp();

    /// <summary>Ends a stage: it gets the time since the beginning or the end of the stage before.</summary>
    public void End(Stage stage)
    {
        Wait?.Invoke();
        var now = Stopwatch.GetTimestamp();
        _stages[(int)stage] += Stopwatch.GetElapsedTime(_last, now);
        _last = now;
    }

    private double At(Stage stage) => Math.Round(_stages[(int)stage].TotalSeconds, 6);
}
