namespace DIDD.Experiments;

/// <summary>What recorded runs say of a claim.</summary>
public enum Verdict
{
    /// <summary>Every comparison that decides the claim falls as it says, with its whole 95 % interval.</summary>
    Reproduced,

    /// <summary>One of them falls the other way, with its whole interval, at 95 % for all of them together.</summary>
    NotReproduced,

    /// <summary>Neither: intervals reach over the margin, there is one seed, or a comparison lacks its runs.</summary>
    Undecided,

    /// <summary>There are no runs for any of them.</summary>
    NotTested,
}

/// <summary>A comparison with what runs say of it.</summary>
/// <param name="Comparison">The comparison.</param>
/// <param name="Profile">The profile of the runs; null where there are none.</param>
/// <param name="Effect">The effect over the seeds; null likewise.</param>
/// <param name="Runs">The runs, those that the claim speaks of first.</param>
public sealed record ComparisonResult(ClaimComparison Comparison, string? Profile, MeanInterval? Effect, IReadOnlyList<Run> Runs)
{
    /// <summary>How it falls.</summary>
    public Verdict Verdict => Effect switch
    {
        null => Verdict.NotTested,
        { HalfWidth: null } => Verdict.Undecided,
        _ when IsMissed(1) => Verdict.NotReproduced,
        var (mean, half, _) when mean - half > (Comparison.Above ?? double.NegativeInfinity) && mean + half < (Comparison.Below ?? double.PositiveInfinity) => Verdict.Reproduced,
        _ => Verdict.Undecided,
    };

    /// <summary>Whether the whole interval falls the other way.</summary>
    /// <param name="comparisons">How many are looked at together, at 95 % for all (<see cref="MeanInterval.HalfWidthAmong"/>).</param>
    public bool IsMissed(int comparisons) => Effect is { Mean: var mean } && Effect.HalfWidthAmong(comparisons) is { } half
        && (mean + half < (Comparison.Above ?? double.NegativeInfinity) || mean - half > (Comparison.Below ?? double.PositiveInfinity) || Math.Abs(mean - (Comparison.Holds ?? mean)) > half);

    /// <summary>How far the interval's nearer end is inside the margins, in the unit of the effect; infinite without an interval.</summary>
    public double ToSpare => Effect is { HalfWidth: { } half, Mean: var mean }
        ? Math.Min(mean - half - (Comparison.Above ?? double.NegativeInfinity), (Comparison.Below ?? double.PositiveInfinity) - mean - half) : double.PositiveInfinity;
}

/// <summary>A claim with its verdict.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Comparisons">Its comparisons, as the runs decide them.</param>
public sealed record ClaimResult(PaperClaim Claim, IReadOnlyList<ComparisonResult> Comparisons)
{
    /// <summary>The verdict.</summary>
    public Verdict Verdict =>
        Comparisons.Any(comparison => comparison.IsMissed(Comparisons.Count)) ? Verdict.NotReproduced
        : Comparisons.All(comparison => comparison.Verdict == Verdict.Reproduced) ? Verdict.Reproduced
        : Comparisons.All(comparison => comparison.Verdict == Verdict.NotTested) ? Verdict.NotTested
        : Verdict.Undecided;

    /// <summary>
    /// Decides claims from finished runs; of several of one spec the newest counts. Where runs of one setting differ in nothing but the number of networks that evaluated a set, those with the profile's number
    /// count (<see cref="RunSpec.WithOneNetwork"/>).
    /// </summary>
    /// <exception cref="SpecException">A claim names a data set, rule or setting that there is not.</exception>
    public static IReadOnlyList<ClaimResult> Of(IReadOnlyList<PaperClaim> claims, IEnumerable<Run> runs)
    {
        var bySpec = ReportRow.Of(runs).GroupBy(row => row.Spec.WithOneNetwork.Hash).ToDictionary(rows => rows.Key, rows => rows.First().Runs);
        return [.. claims.Select(claim => new ClaimResult(claim, [.. claim.Comparisons.Select(comparison => Decide(comparison, bySpec))]))];
    }

    // At the largest size that has two seeds of both sides; without one, that has any.
    private static ComparisonResult Decide(ClaimComparison comparison, Dictionary<string, IReadOnlyList<Run>> bySpec)
    {
        var found = Profiles.HeldAgainstThePaper.Select(profile => (Profile: profile, Pairs: Pairs(comparison, profile, bySpec))).Where(size => size.Pairs.Count > 0).ToList();
        if (found.Count == 0)
            return new ComparisonResult(comparison, null, null, []);
        var (chosen, pairs) = found.Find(size => size.Pairs.Count > 1) is { Pairs: not null } several ? several : found[0];
        return new ComparisonResult(
            comparison, chosen, MeanInterval.Of([.. pairs.Select(pair => pair.Effect)]), [.. pairs.Select(pair => pair.Of), .. pairs.Select(pair => pair.Against).OfType<Run>()]);
    }

    private static List<(Run Of, Run? Against, double Effect)> Pairs(ClaimComparison comparison, string profile, Dictionary<string, IReadOnlyList<Run>> bySpec)
    {
        IReadOnlyList<Run> Runs(ClaimRuns runs) => bySpec.GetValueOrDefault(runs.Spec(profile).WithOneNetwork.Hash) ?? [];
        var pairs = new List<(Run, Run?, double)>();
        foreach (var run in Runs(comparison.Of))
        {
            var against = comparison.Against is { } other ? Runs(other).FirstOrDefault(its => its.Spec.Seed == run.Spec.Seed) : null;
            if (comparison.Measure == ClaimMeasure.Seconds && against is not null && RunCost.Made(run) != RunCost.Made(against))
                continue;
            if ((comparison.Against is null || against is not null) && Measured(comparison.Measure, run) is { } mine && (against is null ? 0 : Measured(comparison.Measure, against)) is { } its && (its != 0 || !comparison.Ratio))
                pairs.Add((run, against, comparison.Ratio ? 100 * mine / its : mine - its));
        }
        // Seconds of one place and version alone, of which most were computed.
        return comparison.Measure == ClaimMeasure.Seconds && pairs.Count > 0 ? [.. pairs.GroupBy(pair => RunCost.Made(pair.Item1)).MaxBy(alike => alike.Count())!] : pairs;
    }

    // Null where the run's record lacks what is needed.
    private static double? Measured(ClaimMeasure measure, Run run) => measure switch
    {
        ClaimMeasure.AverageAccuracy => run.Accuracy.Average,
        ClaimMeasure.Forgetting => run.Accuracy.Forgetting,
        ClaimMeasure.FirstQuarter or ClaimMeasure.SecondQuarter or ClaimMeasure.ThirdQuarter or ClaimMeasure.LastQuarter =>
            run.Accuracy.Segments() is { Count: 4 } quarters ? quarters[measure - ClaimMeasure.FirstQuarter].Mean : null,
        ClaimMeasure.Newest => run.Accuracy.Rows[^1][^1],
        ClaimMeasure.Cosine => Cosines(run) is { Count: > 0 } cosines ? cosines.Average() : null,
        ClaimMeasure.LargestCosine => Cosines(run) is { Count: > 0 } cosines ? cosines.Max() : null,
        ClaimMeasure.MeanRate => run.Log().Where(record => record.Alpha is not null).GroupBy(record => record.Domain)
            .Select(domain => domain.MaxBy(record => record.Iteration)!).Select(record => (record.Alpha + record.Beta) / 2).Average(),
        ClaimMeasure.MovementOfStayingTiles => Enumerable.Range(0, run.Spec.Domains).All(t => File.Exists(Run.SetPath(run.Folder, t))) ? DivisionOfLabour.Of(run).ChangeCorrelation.Estimate : null,
        ClaimMeasure.RateDifference => RateDifferences(run) is { Count: > 0 } differences ? Math.Sqrt(differences.Average(difference => difference * difference)) : null,
        ClaimMeasure.Seconds => RunCost.Seconds(run),
        _ => throw new ArgumentOutOfRangeException(nameof(measure)),
    };

    // At the end of the last domain; of a run whose set was not kept, from the last record in the domain's last quarter that has every tile.
    private static IReadOnlyList<double> RateDifferences(Run run) => File.Exists(Run.SetPath(run.Folder, run.Spec.Domains - 1))
        ? DivisionOfLabour.Preferences(run)
        : run.Log().LastOrDefault(record => record.Domain == run.Spec.Domains - 1 && 4 * record.Iteration >= 3 * run.Spec.Distillation.Iterations && record.Diagnostics?.Tiles?.Alpha is not null) is { Diagnostics.Tiles: { Alpha: { } alpha, Beta: { } beta } }
            ? [.. alpha.Zip(beta, (a, b) => (double)a - b)]
            : [];

    // One mean per domain after the first.
    private static List<double> Cosines(Run run) =>
        [.. run.WithCosines().GroupBy(record => record.Domain).Select(domain => domain.Average(record => record.Cosines!.Average()))];
}
