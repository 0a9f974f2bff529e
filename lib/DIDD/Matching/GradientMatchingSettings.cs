namespace DIDD.Matching;

/// <summary>Settings of <see cref="DcObjective"/> and <see cref="DsaObjective"/> beside those of the distillation; the defaults are DC's at IPC 1 (METHOD §9).</summary>
public sealed record GradientMatchingSettings
{
    /// <summary>Steps of the images in an iteration, with one network that is trained between them.</summary>
    [Range(1, int.MaxValue)]
    public int OuterLoops { get; init; } = 1;

    /// <summary>Epochs of the network on the synthetic images between two steps.</summary>
    [Range(1, int.MaxValue)]
    public int InnerLoops { get; init; } = 1;

    /// <summary>Learning rate of the network's SGD.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Synthetic images in a step of the network.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 256;

    /// <summary>The distance of two gradients: ours (DC's, per output row), mse or cos (all weights as one vector).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public GradientMetric Metric { get; init; }

    /// <summary>The loops of METHOD §9: (1,1), (10,50), (20,25), (50,10) from IPC 1, 10, 20, 50 on.</summary>
    /// <param name="ipc">Stored images per class.</param>
    public static GradientMatchingSettings ForIpc(int ipc)
    {
        var (outer, inner) = ipc switch { >= 50 => (50, 10), >= 20 => (20, 25), >= 10 => (10, 50), _ => (1, 1) };
        return new GradientMatchingSettings { OuterLoops = outer, InnerLoops = inner };
    }
}
