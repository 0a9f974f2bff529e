using DIDD.Matching;
using DIDD.Networks;

namespace DIDD.Distillation;

/// <summary>Settings of the distillation of one domain; the defaults are the paper's for R-MNIST at IPC 1 (METHOD §2).</summary>
/// <param name="Iterations">Iterations per domain; one of dc and dsa has as many steps of the images as they have outer loops.</param>
/// <param name="LearningRate">η_x, the step of the images; 1, 10, 20 for IPC 1, 10, 20 in the paper.</param>
/// <param name="Momentum">Momentum of the images' SGD, in [0,1).</param>
/// <param name="Decay">How the step of the images falls within a domain.</param>
/// <param name="RealImages">Real images per class and iteration.</param>
/// <param name="Factor">f of the multi-formation.</param>
/// <param name="Objective">What synthetic images shall have in common with others: m3d (the paper's), dm, dc, dsa or mtt.</param>
/// <param name="Kernel">Kernel of the MMD: gaussian, linear, polynomial or laplace; dm has the linear one.</param>
/// <param name="Augmentation">Augmentation strategy, one draw per class shared by its real, synthetic and previous images; objectives other than m3d draw one of all operations named.</param>
/// <param name="Targets">In what the features of real and previous images, which take no gradient, are computed; float32 in the paper.</param>
/// <param name="Schedule">Order of the classes within an iteration; mtt steps all of them together.</param>
public sealed record DistillationSettings(
    [property: Range(1, int.MaxValue)] int Iterations = 3000,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double LearningRate = 1,
    [property: Range(0, 0.999)] double Momentum = 0.5,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] StepDecay Decay = StepDecay.None,
    [property: Range(1, int.MaxValue)] int RealImages = 128,
    [property: Range(1, int.MaxValue)] int Factor = 2,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string Objective = "m3d",
    string Kernel = "gaussian",
    string Augmentation = "color_crop_cutout",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] TargetPrecision Targets = TargetPrecision.Full,
    Schedule Schedule = Schedule.ClassSequential)
{
    /// <summary>The network of an iteration.</summary>
    public ConvNetSettings Network { get; init; } = new();

    /// <summary>Creates the objective of its name, with its defaults.</summary>
    internal MatchingObjective CreateObjective() => ObjectiveEntry.ByName[Objective].Create(new ObjectiveSettings(Kernel, Targets));
}

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

/// <summary>How the step of the images falls within a domain; the paper's stays.</summary>
public enum StepDecay
{
    /// <summary>It stays.</summary>
    None,

    /// <summary>Along half a cosine, from η_x to 0.</summary>
    Cosine,
}

/// <summary>Settings of the meta step; rules without one ignore them.</summary>
/// <param name="Draw">Under which augmentation the meta loss is taken.</param>
public sealed record MetaSettings(MetaDraw Draw = MetaDraw.New);

/// <summary>The augmentation of the meta step.</summary>
public enum MetaDraw
{
    /// <summary>A new draw, as in the authors' code.</summary>
    New,

    /// <summary>The draw under which g_P and g_S were taken: the features of real and previous images are there already.</summary>
    Shared,
}
