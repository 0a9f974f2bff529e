namespace DIDD.Distillation;

/// <summary>
/// The order in which classes are updated within an iteration. Classes do not interact, but the authors' loop steps both optimisers on the
/// whole set after every class, so that a class at position c of C feels c steps of momentum (and of the rates' Adam) before its own turn and
/// C−1−c after it. The batch of all classes replays that exactly (METHOD §3).
/// </summary>
public enum Schedule
{
    /// <summary>As the authors' loop over classes.</summary>
    ClassSequential,

    /// <summary>One step of each optimiser per iteration.</summary>
    Parallel,
}
