using DIDD.Data;
using DIDD.Distillation;
using DIDD.Rules;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>The learners by the names that the command line and specs use for <c>rule</c>: every update rule, and what is none.</summary>
public static class Learners
{
    /// <summary>All names, the update rules first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. UpdateRules.ByName.Keys];

    /// <summary>The learner of a spec.</summary>
    /// <param name="spec">A valid spec.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="randomness">Source of all draws.</param>
    /// <param name="device">Where to compute.</param>
    public static Learner Create(RunSpec spec, DomainStream stream, Randomness randomness, Device device) =>
        new Distiller(stream, spec.Ipc, spec.Distillation, context => UpdateRules.ByName[spec.Rule](spec.Asymmetric, context), randomness, device);
}
