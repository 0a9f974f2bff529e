using DIDD.Data;
using DIDD.Distillation;

namespace DIDD.Baselines;

/// <summary>What a learner is made of.</summary>
/// <param name="Stream">The domains.</param>
/// <param name="Ipc">Stored images per class.</param>
/// <param name="Distillation">Settings of the distillation.</param>
/// <param name="Herding">Settings of herding.</param>
/// <param name="Randomness">Source of all draws.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Distiller">Makes the distiller of a stream, by L_plastic alone.</param>
public sealed record LearnerContext(
    DomainStream Stream, int Ipc, DistillationSettings Distillation, HerdingSettings Herding, Randomness Randomness, Device Device, Func<DomainStream, DistillationSettings, Learner> Distiller);

/// <summary>What is known of a learner that is no update rule before it is made; specs name it where they name a rule.</summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="Create">Creates it.</param>
public sealed record LearnerEntry(string Name, Func<LearnerContext, Learner> Create) : Entry<LearnerEntry>(Name)
{
    /// <summary>Names that it has in old specs.</summary>
    public IReadOnlyList<string> OldNames { get; init; } = [];

    /// <summary>The section of a spec that it reads and others do not; null for none.</summary>
    public string? Section { get; init; }

    /// <summary>Whether it distils; else it takes real images as they are.</summary>
    public bool Distils { get; init; } = true;

    /// <summary>Whether every domain starts all tiles from real images, not the first alone.</summary>
    public bool StartsFromReal { get; init; }

    /// <summary>Whether it learns all domains at once.</summary>
    public bool Joint { get; init; }

    /// <summary>Whether it starts with whole images, not tiles.</summary>
    public bool WholeImages { get; init; }

    /// <summary>What to take instead where tiles are wanted, such as "take reservoir for tiles"; null where it has them too.</summary>
    public string? ForTiles { get; init; }
}
