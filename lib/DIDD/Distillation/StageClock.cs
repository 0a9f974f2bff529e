using System.Diagnostics;
using static TorchSharp.torch;

namespace DIDD.Distillation;

/// <summary>The stages of an iteration.</summary>
internal enum Stage
{
    /// <summary>Draws, and features of the real and previous images.</summary>
    Targets,

    /// <summary>Features of the synthetic images, losses, g_P and g_S.</summary>
    Gradients,

    /// <summary>The update rule, with its meta step.</summary>
    Rule,

    /// <summary>The image optimiser.</summary>
    Update,
}

/// <summary>Wall-clock seconds of each <see cref="Stage"/>, summed over the iterations of a domain. A GPU computes behind the program's back: there the time falls to the stage that waits.</summary>
/// <param name="Targets">Of <see cref="Stage.Targets"/>.</param>
/// <param name="Gradients">Of <see cref="Stage.Gradients"/>.</param>
/// <param name="Rule">Of <see cref="Stage.Rule"/>.</param>
/// <param name="Update">Of <see cref="Stage.Update"/>.</param>
public sealed record StageSeconds(double Targets, double Gradients, double Rule, double Update);

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
