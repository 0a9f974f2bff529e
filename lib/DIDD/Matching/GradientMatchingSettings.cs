namespace DIDD.Matching;

/// <summary>Settings of <see cref="DcObjective"/> and <see cref="DsaObjective"/> beside those of the distillation; the defaults are DC's at IPC 1 (METHOD §9).</summary>
/// <param name="OuterLoops">Steps of the images in an iteration, with one network that is trained between them.</param>
/// <param name="InnerLoops">Epochs of the network on the synthetic images between two steps.</param>
/// <param name="LearningRate">Learning rate of the network's SGD.</param>
/// <param name="BatchSize">Synthetic images in a step of the network.</param>
/// <param name="Metric">The distance of two gradients: ours (DC's, per output row), mse or cos (all weights as one vector).</param>
public sealed record GradientMatchingSettings(
    [property: Range(1, int.MaxValue)] int OuterLoops = 1,
    [property: Range(1, int.MaxValue)] int InnerLoops = 1,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double LearningRate = 0.01,
    [property: Range(1, int.MaxValue)] int BatchSize = 256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] GradientMetric Metric = GradientMetric.Ours)
{
    /// <summary>The loops of METHOD §9: (1,1), (10,50), (20,25), (30,20), (40,15), (50,10) from IPC 1, 10, 20, 30, 40, 50 on.</summary>
    /// <param name="ipc">Stored images per class.</param>
    public static GradientMatchingSettings ForIpc(int ipc)
    {
        var (outer, inner) = ipc switch { >= 50 => (50, 10), >= 40 => (40, 15), >= 30 => (30, 20), >= 20 => (20, 25), >= 10 => (10, 50), _ => (1, 1) };
        return new GradientMatchingSettings { OuterLoops = outer, InnerLoops = inner };
    }
}
