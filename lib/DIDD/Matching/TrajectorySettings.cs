namespace DIDD.Matching;

/// <summary>Settings of <see cref="MttObjective"/> beside those of the distillation; the defaults are MTT's (METHOD §9).</summary>
/// <param name="Experts">Experts, networks trained on the images that are matched; each is trained when it is first drawn.</param>
/// <param name="ImagesPerClass">Real images of a class on which experts are trained, the first of the class; 0 for all.</param>
/// <param name="BatchSize">Images in a step of an expert.</param>
/// <param name="LearningRate">Learning rate of the experts' SGD.</param>
/// <param name="LatestStart">A part of a trajectory starts after fewer epochs than these.</param>
/// <param name="Span">Epochs of an expert that a part spans; an epoch on the previous set shows as many images as one on real images.</param>
/// <param name="Steps">Steps on the synthetic images that shall lead from the start of a part to its end.</param>
/// <param name="StepSize">The size of those steps at the start of a domain; it is learnt.</param>
/// <param name="StepSizeLearningRate">Learning rate of the step size, whose SGD has momentum 0.5.</param>
public sealed record TrajectorySettings(
    [property: Range(1, int.MaxValue)] int Experts = 100,
    [property: Range(0, int.MaxValue)] int ImagesPerClass = 0,
    [property: Range(1, int.MaxValue)] int BatchSize = 256,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double LearningRate = 0.01,
    [property: Range(1, int.MaxValue)] int LatestStart = 25,
    [property: Range(1, int.MaxValue)] int Span = 3,
    [property: Range(1, int.MaxValue)] int Steps = 20,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double StepSize = 0.01,
    [property: Range(0, double.MaxValue)] double StepSizeLearningRate = 1e-5)
{
    /// <summary>The settings of a profile: fewer and smaller experts at <c>smoke</c> and <c>laptop</c>, else the defaults.</summary>
    /// <param name="profile">The profile.</param>
    public static TrajectorySettings ForProfile(string profile) => profile switch
    {
        "smoke" => new() { Experts = 2, ImagesPerClass = 32, BatchSize = 32, LatestStart = 3, Span = 1, Steps = 4 },
        "laptop" => new() { Experts = 10, ImagesPerClass = 128, BatchSize = 64, LatestStart = 10, Span = 2, Steps = 10 },
        _ => new(),
    };
}
