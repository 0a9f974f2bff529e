namespace DIDD.Matching;

/// <summary>Settings of <see cref="MttObjective"/> beside those of the distillation; the defaults are MTT's (METHOD §9).</summary>
public sealed record TrajectorySettings
{
    /// <summary>Experts, networks trained on the images that are matched; each is trained when it is first drawn.</summary>
    [Range(1, int.MaxValue)]
    public int Experts { get; init; } = 100;

    /// <summary>Real images of a class on which experts are trained, the first of the class; 0 for all.</summary>
    [Range(0, int.MaxValue)]
    public int ImagesPerClass { get; init; }

    /// <summary>Images in a step of an expert.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 256;

    /// <summary>Learning rate of the experts' SGD.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.01;

    /// <summary>A part of a trajectory starts after fewer epochs than these.</summary>
    [Range(1, int.MaxValue)]
    public int LatestStart { get; init; } = 25;

    /// <summary>Epochs of an expert that a part spans; an epoch on the previous set shows as many images as one on real images.</summary>
    [Range(1, int.MaxValue)]
    public int Span { get; init; } = 3;

    /// <summary>Steps on the synthetic images that shall lead from the start of a part to its end.</summary>
    [Range(1, int.MaxValue)]
    public int Steps { get; init; } = 20;

    /// <summary>The size of those steps at the start of a domain; it is learnt.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double StepSize { get; init; } = 0.01;

    /// <summary>Learning rate of the step size, whose SGD has momentum 0.5.</summary>
    [Range(0, double.MaxValue)]
    public double StepSizeLearningRate { get; init; } = 1e-5;

    /// <summary>The settings of a profile: fewer and smaller experts at <c>smoke</c> and <c>laptop</c>, else the defaults.</summary>
    /// <param name="profile">The profile.</param>
    public static TrajectorySettings ForProfile(string profile) => profile switch
    {
        "smoke" => new() { Experts = 2, ImagesPerClass = 32, BatchSize = 32, LatestStart = 3, Span = 1, Steps = 4 },
        "laptop" => new() { Experts = 10, ImagesPerClass = 128, BatchSize = 64, LatestStart = 10, Span = 2, Steps = 10 },
        _ => new(),
    };
}
