using System.Text.RegularExpressions;

namespace DIDD.Figures;

/// <summary>The paper's claims and the verdicts that recorded runs give them, as notebooks and <c>didd claims</c> show them.</summary>
public static partial class ClaimTables
{
    private const int MostEffects = 3;

    /// <summary>The notebook that shows what a claim is about, by the claim's name.</summary>
    public static IReadOnlyDictionary<string, string> Notebooks { get; } = new Dictionary<string, string>
    {
        ["finetune-forgets"] = "01-problem-setup.ipynb",
        ["cosine-negative"] = "02-gradient-conflict.ipynb",
        ["cosine-negative-pacs"] = "02-gradient-conflict.ipynb",
        ["penalty-bounds-rates"] = "03-asymmetric-update.ipynb",
        ["stable-helps-late"] = "04-ablations.ipynb",
        ["stable-hurts-first"] = "04-ablations.ipynb",
        ["linear-no-better"] = "04-ablations.ipynb",
        ["bilevel-lifts-all"] = "04-ablations.ipynb",
        ["assignment-matters"] = "04-ablations.ipynb",
        ["forgets-less-than-controls"] = "04-ablations.ipynb",
        ["rates-differ"] = "06-division-of-labour.ipynb",
        ["rates-differ-emoji-styles"] = "06-division-of-labour.ipynb",
        ["rates-differ-pacs"] = "06-division-of-labour.ipynb",
        ["staying-tiles-stay"] = "06-division-of-labour.ipynb",
        ["cost-2.7"] = "07-cost.ipynb",
        ["1000-suffice"] = "07-cost.ipynb",
    };

    /// <summary>What a notebook asks: the claims, and where the paper makes them.</summary>
    /// <exception cref="DataSetException">There is no such claim.</exception>
    public static Table Asked(params string[] ids)
    {
        var claims = Named(Claims(), claim => claim.Id, ids);
        return Table.Of(("claim of the paper", claims.Select(claim => claim.Says).ToArray()), ("where", claims.Select(claim => claim.Where).ToArray()));
    }

    /// <summary>What recorded runs say of claims: verdict, size of the runs, and what was measured.</summary>
    /// <exception cref="DataSetException">There is no such claim, or no recorded run.</exception>
    public static Table Found(params string[] ids)
    {
        var results = Named(ClaimResult.Of(Claims(), RunStore.Recorded()), result => result.Claim.Id, ids);
        return Of(results);
    }

    /// <summary>All claims, each with the notebook that shows it.</summary>
    public static Table All()
    {
        var results = ClaimResult.Of(Claims(), RunStore.Recorded());
        return Of(results).WithLinks("verdict", [.. results.Select(result => (Link[])[new("notebook", Notebook(result.Claim.Id))])])
            .WithCaption($"{string.Join(", ", results.GroupBy(result => result.Verdict).OrderBy(group => group.Key).Select(group => $"{group.Count()} {Word(group.Key)}"))}. "
                + "A claim is reproduced where the whole 95 % interval over the seeds fulfils what it needs, and not reproduced where the whole interval misses it; it is undecided where the interval does both, where a comparison was not run, or with one seed. Of several comparisons those that decide are shown. What a claim needs is this package's choice where the paper gives no number.");
    }

    /// <summary>The notebook of a claim; that of the main results where none is named.</summary>
    public static string Notebook(string id) => Notebooks.GetValueOrDefault(id, "05-main-results.ipynb");

    /// <summary>A verdict in words.</summary>
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Reproduced => "reproduced",
        Verdict.NotReproduced => "not reproduced",
        Verdict.Undecided => "undecided",
        _ => "not tested",
    };

    /// <summary>Size and seeds of the runs that decide a claim; a dash where there are none.</summary>
    public static string Size(ClaimResult result)
    {
        var tested = Tested(result);
        return tested.Count == 0 ? "–" : $"{string.Join(", ", tested.Select(comparison => comparison.Profile).Distinct())}, {Seeds([.. tested.Select(comparison => comparison.Effect!.Count).Distinct().Order()])}";
    }

    /// <summary>The effects that decide a claim, three at most: those that fall as the verdict says, the closest of those that hold first, else those that leave it open. A dash where there are none.</summary>
    public static string Measured(ClaimResult result)
    {
        var tested = Tested(result);
        if (tested.Count == 0)
            return "–";
        // Of those that hold, the ones that hold with the least to spare first; of those that do not, the ones that miss by themselves.
        var deciding = (result.Verdict switch
        {
            Verdict.Reproduced => tested.OrderBy(comparison => comparison.ToSpare),
            Verdict.NotReproduced => tested.Where(comparison => comparison.IsMissed(result.Comparisons.Count)),
            _ => tested.Where(comparison => comparison.Verdict != Verdict.Reproduced).OrderBy(comparison => !comparison.IsMissed(1)),
        }).ToList();
        var shown = (deciding.Count > 0 ? deciding : tested).Take(MostEffects).Select(Effect);
        var (all, held, missing) = (result.Comparisons.Count, tested.Count(comparison => comparison.Verdict == Verdict.Reproduced), result.Comparisons.Count - tested.Count);
        var count = all > 1 ? $" ({held} of {all} comparisons hold{(missing > 0 ? $", {missing} not run" : "")})" : "";
        return $"{string.Join("; ", shown)}{count}";
    }

    /// <summary>A comparison in one line: verdict, effect, size and seeds.</summary>
    public static string Line(ComparisonResult result) =>
        $"{Word(result.Verdict)}: {(result.Effect is null ? Name(result.Comparison) : $"{Effect(result)}; {result.Profile}, {Seeds([result.Effect.Count])}")}";

    /// <summary>
    /// What a claim says, with what was measured in it: {0} stands for the effect of its first comparison with its interval, {0:seeds} for the number of its seeds. A dash where it was not run.
    /// </summary>
    /// <exception cref="DataSetException">There is no such comparison.</exception>
    public static string Sentence(ClaimResult result) => Place().Replace(result.Claim.Says, place =>
    {
        var comparison = (place.Groups[3].Length == 0 && int.TryParse(place.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? result.Comparisons.ElementAtOrDefault(number) : null)
            ?? throw new DataSetException($"{result.Claim.Id}: {place.Value} is no comparison; write {{0}} or {{0:seeds}}, counted from 0; there are {result.Comparisons.Count}");
        return comparison.Effect is null ? "–" : place.Groups[2].Success ? Seeds([comparison.Effect.Count]) : Value(comparison);
    });

    [GeneratedRegex("""\{([^:}]*)(:seeds)?([^}]*)\}?""")]
    private static partial Regex Place();

    private static Table Of(IReadOnlyList<ClaimResult> results) => Table.Of(
        ("claim of the paper", results.Select(result => result.Claim.Says).ToArray()),
        ("verdict", results.Select(result => Word(result.Verdict)).ToArray()),
        ("runs", results.Select(Size).ToArray()),
        ("measured, with 95 % intervals", results.Select(Measured).ToArray()));

    private static IReadOnlyList<PaperClaim> Claims() => PaperClaim.Read(RunStore.BesideRecorded("claims.json"));

    private static IReadOnlyList<T> Named<T>(IReadOnlyList<T> all, Func<T, string> name, string[] ids) =>
        [.. ids.Select(id => all.FirstOrDefault(each => name(each) == id) ?? throw new DataSetException($"{id}: no such claim in data/claims.json; there are {string.Join(", ", all.Select(name))}"))];

    private static List<ComparisonResult> Tested(ClaimResult result) => [.. result.Comparisons.Where(comparison => comparison.Effect is not null)];

    private static string Seeds(IReadOnlyList<int> counts) => $"{string.Join(" or ", counts)} {(counts is [1] ? "seed" : "seeds")}";

    private static string Effect(ComparisonResult result)
    {
        var scale = Scale(result.Comparison);
        string Bound(double value) => (scale * value).ToString("0.##", CultureInfo.InvariantCulture);
        var needs = (result.Comparison.Above, result.Comparison.Below) switch
        {
            ({ } above, { } below) => $"{Bound(above)} to {Bound(below)}",
            ({ } above, null) => $"> {Bound(above)}",
            (null, { } below) => $"< {Bound(below)}",
            _ => $"to hold {Bound(result.Comparison.Holds!.Value)}",
        };
        return $"{Name(result.Comparison)}: {Value(result)}{(result.Effect!.HalfWidth is null ? ", one seed" : "")} (needs {needs})";
    }

    // The effect and its interval, with the sign of a difference.
    private static string Value(ComparisonResult result)
    {
        var (comparison, effect) = (result.Comparison, result.Effect!);
        var digits = comparison.Measure is ClaimMeasure.Cosine or ClaimMeasure.LargestCosine or ClaimMeasure.MeanRate or ClaimMeasure.RateDifference or ClaimMeasure.MovementOfStayingTiles ? "0.00" : "0.0";
        var sign = comparison.Against is not null && !comparison.Ratio && effect.Mean > 0 ? "+" : "";
        var unit = IsFactor(comparison) ? " times" : comparison.Ratio ? " %" : "";
        string Number(double value) => (Scale(comparison) * value).ToString(IsFactor(comparison) ? "0.00" : $"{digits};-{digits};{digits}", CultureInfo.InvariantCulture);
        return $"{sign}{Number(effect.Mean)}{(effect.HalfWidth is { } width ? $" ± {Number(width)}" : "")}{unit}";
    }

    // A ratio of accuracies is given in per cent, one of times as a factor.
    private static bool IsFactor(ClaimComparison comparison) => comparison.Measure == ClaimMeasure.Seconds;

    private static double Scale(ClaimComparison comparison) => IsFactor(comparison) ? 0.01 : 1;

    private static string Name(ClaimComparison comparison)
    {
        var where = $"{comparison.Of.Dataset} IPC {comparison.Of.Ipc}";
        return comparison.Against is { } against
            ? $"{Symbol(comparison.Measure)} of {Rule(comparison.Of)} {(comparison.Ratio ? "÷" : "−")} {Rule(against)}, {where}"
            : $"{Symbol(comparison.Measure)} of {Rule(comparison.Of)}, {where}";
    }

    // A list of many numbers is named, not printed.
    private static string Rule(ClaimRuns runs) => runs.Settings.Count == 0 ? runs.Rule
        : $"{runs.Rule} ({string.Join(", ", runs.Settings.Select(setting => $"{setting.Key.Split('.')[^1]}{(setting.Value.Length < 20 ? $"={setting.Value}" : "")}"))})";

    private static string Symbol(ClaimMeasure measure) => measure switch
    {
        ClaimMeasure.AverageAccuracy => "A_T",
        ClaimMeasure.Forgetting => "F_T",
        ClaimMeasure.FirstQuarter => "first quarter",
        ClaimMeasure.SecondQuarter => "second quarter",
        ClaimMeasure.ThirdQuarter => "third quarter",
        ClaimMeasure.LastQuarter => "last quarter",
        ClaimMeasure.Newest => "newest domain",
        ClaimMeasure.Cosine => "cos(g_S,g_P)",
        ClaimMeasure.LargestCosine => "largest cos(g_S,g_P) of a domain",
        ClaimMeasure.MeanRate => "mean rate",
        ClaimMeasure.MovementOfStayingTiles => "rank correlation of ᾱ−β̄ with movement",
        ClaimMeasure.RateDifference => "ᾱ−β̄, root mean square",
        ClaimMeasure.Seconds => "seconds",
        _ => throw new ArgumentOutOfRangeException(nameof(measure)),
    };
}
