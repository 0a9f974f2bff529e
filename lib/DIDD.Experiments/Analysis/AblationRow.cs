namespace DIDD.Experiments;

/// <summary>An ablation over several seeds, with the runs that there are.</summary>
/// <param name="Ablation">What is changed.</param>
/// <param name="Spec">The changed spec, with the first seed.</param>
/// <param name="Runs">The runs by seed; null where one is not recorded.</param>
public sealed record AblationRow(Ablation Ablation, RunSpec Spec, IReadOnlyList<(long Seed, Run? Run)> Runs)
{
    /// <summary>The runs as a row, with mean and interval; null where there are none.</summary>
    public ReportRow? Measured => Found is { Count: > 0 } runs ? new ReportRow(Spec, runs) : null;

    /// <summary>Mean ᾱ and β̄ over all tiles at the end of the last domain, mean over the seeds; null where nothing is measured, the rule has no rates, or no set was recorded.</summary>
    public (double Alpha, double Beta)? Rates
    {
        get
        {
            var rates = Found.Select(RatesOf).OfType<(double Alpha, double Beta)>().ToList();
            return rates.Count == 0 ? null : (rates.Average(pair => pair.Alpha), rates.Average(pair => pair.Beta));
        }
    }

    private List<Run> Found => [.. Runs.Select(run => run.Run).OfType<Run>()];

    /// <inheritdoc cref="ReportRow.Difference"/>
    public MeanInterval? Difference(AblationRow other, Func<Run, double?>? measure = null) => other.Measured is { } its ? Measured?.Difference(its, measure) : null;

    /// <summary>The rows of ablations: recorded runs are opened; what is missing is computed in the profile smoke, and left out in others, where it takes long.</summary>
    public static IReadOnlyList<AblationRow> Of(IReadOnlyList<Ablation> ablations, RunSpec spec, IReadOnlyList<long> seeds)
    {
        Run? Get(RunSpec one) => one.Profile == "smoke" ? RunStore.OpenOrCompute(one) : RunStore.Find(one);
        return
        [
            .. ablations.Select(ablation => new AblationRow(
                ablation, ablation.Of(spec) with { Seed = seeds[0] }, [.. seeds.Select(seed => (seed, Get(ablation.Of(spec) with { Seed = seed })))])),
        ];
    }

    /// <summary>What is recorded of a committed sweep, a row for all that differs in the seed alone; nothing is computed.</summary>
    /// <param name="sweep">The sweep's name in <c>data/specs</c>, such as <c>arriving</c>.</param>
    /// <param name="name">What a row is called.</param>
    public static IReadOnlyList<AblationRow> OfSweep(string sweep, Func<RunSpec, string> name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var runs = Sweep.Read(RunStore.BesideRecorded("specs", $"{sweep}.sweep.json")).Runs();
        return [.. runs.GroupBy(spec => spec with { Seed = 0 }).Select(group => new AblationRow(new(name(group.Key), []), group.First(), [.. group.Select(spec => (spec.Seed, RunStore.Find(spec)))]))];
    }

    private static (double Alpha, double Beta)? RatesOf(Run run)
    {
        var last = run.Accuracy.Rows.Count - 1;
        if (!File.Exists(Run.SetPath(run.Folder, last)))
            return null;
        using var set = run.Set(last);
        return set is { Alpha: { } alpha, Beta: { } beta } ? (alpha.mean().item<float>(), beta.mean().item<float>()) : null;
    }
}
