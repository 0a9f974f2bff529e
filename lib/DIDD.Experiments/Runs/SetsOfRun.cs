namespace DIDD.Experiments;

/// <summary>The sets of a finished run, to be evaluated in another way: by other networks, another protocol, for more epochs.</summary>
/// <param name="run">The run, with its sets.</param>
/// <param name="iterations">Iterations of a domain, as the learner counts them.</param>
/// <param name="device">Where to evaluate.</param>
internal sealed class SetsOfRun(Run run, int iterations, Device device) : Learner
{
    private readonly ILookup<int, IterationRecord> _log = run.Log().ToLookup(record => record.Domain);

    public override int Iterations => iterations;

    public override bool Joint => run.Accuracy.Joint;

    /// <summary>
    /// Whether two specs differ in the evaluation alone, and so have the same sets (those of the official protocol are not clamped); of rules with a teacher, which is trained as the evaluation
    /// trains, in the number of networks and of test images alone.
    /// </summary>
    public static bool HaveTheSameSets(RunSpec one, RunSpec other) =>
        one with { Evaluation = HasTeacher(one) ? one.Evaluation with { Networks = other.Evaluation.Networks, TestImages = other.Evaluation.TestImages } : other.Evaluation } == other
        && (one.Evaluation.Protocol == Protocol.Official) == (other.Evaluation.Protocol == Protocol.Official);

    private static bool HasTeacher(RunSpec spec) => RuleEntry.ByName.GetValueOrDefault(spec.Rule)?.HasTeacher ?? false;

    /// <summary>The first set that a run should have and has not, as one that was recorded without it; null where all are there.</summary>
    public static string? Missing(Run run) =>
        Enumerable.Range(run.Accuracy.Joint ? run.Domains.Count - 1 : 0, run.Accuracy.Rows.Count).Select(domain => Run.SetPath(run.Folder, domain)).FirstOrDefault(path => !File.Exists(path));

    /// <summary>Refuses a run whose sets are not those of a spec, or that has them not.</summary>
    /// <exception cref="SpecException">The specs differ in more than the evaluation, the run is not finished, or it was recorded without its sets.</exception>
    public static void Check(Run run, RunSpec spec)
    {
        var refusal = !HaveTheSameSets(run.Spec, spec) ? $"its sets are those of {run.Spec.Name}; take its {Run.SpecFile} and change settings of the evaluation alone ({(HasTeacher(run.Spec) ? "of this rule networks and testImages: its teacher is trained as the others say" : "the official protocol has sets of its own, which are not clamped")})"
            : !run.Finished ? "not finished; `didd run` with its settings goes on"
            : Missing(run) is { } missing ? $"{Path.GetFileName(missing)}: missing, the run was recorded without it; `didd run` with its settings computes it again" : null;
        if (refusal is not null)
            throw new SpecException($"{run.Folder}: {refusal}");
    }

    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        foreach (var kept in _log[domain])
            record?.Invoke(kept);
        return SyntheticSet.Load(Run.SetPath(run.Folder, domain), device);
    }
}
