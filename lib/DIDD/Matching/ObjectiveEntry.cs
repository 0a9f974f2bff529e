namespace DIDD.Matching;

/// <summary>What is known of an objective before it is made.</summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="Create">Creates it for a domain.</param>
public sealed record ObjectiveEntry(string Name, Func<ObjectiveSettings, MatchingObjective> Create) : Entry<ObjectiveEntry>(Name)
{
    /// <summary>With what its authors distil, where it is not what the profile has; null where it is.</summary>
    public ObjectiveStart? Start { get; init; }

    /// <summary>The section of a spec that this objective reads, and others only if they name it too; null for none.</summary>
    public string? Section { get; init; }

    /// <summary>The augmentation that its name promises; null for any.</summary>
    public string? Augmentation { get; init; }
}

/// <summary>With what an objective's authors distil (METHOD §9).</summary>
/// <param name="Iterations">Iterations at the paper's size.</param>
/// <param name="LearningRate">η_x for an IPC, for pixels in [0,1], at the paper's size (about a tenth of what the authors have for normalised ones) or at a smaller one.</param>
public sealed record ObjectiveStart(int Iterations, Func<int, bool, double> LearningRate)
{
    /// <summary>DSA's strategy for pictures that must not be mirrored.</summary>
    public const string Strategy = "color_crop_cutout_scale_rotate";

    /// <summary>DSA's strategy for coloured pictures.</summary>
    public const string StrategyInColor = "color_crop_cutout_flip_scale_rotate";

    /// <summary>Real images of a class at the paper's size, at most what the data set has.</summary>
    public int RealImages { get; init; } = 256;
}
