namespace DIDD.Experiments;

/// <summary>What is taken from the asymmetric update, or replaced, to see whether it matters; <c>data/specs/ablations.sweep.json</c> is all of it at laptop size.</summary>
public static class Ablations
{
    /// <summary>The update as it is, then with one thing changed at a time.</summary>
    public static IReadOnlyList<Ablation> Variants { get; } =
    [
        new("as it is", []),
        new("no penalty", [("asymmetric.alphaPenalty", "0"), ("asymmetric.betaPenalty", "0")]),
        new("penalty 10,000 times as large", [("asymmetric.alphaPenalty", "1"), ("asymmetric.betaPenalty", "1")]),
        new("a pair of rates per image", [("asymmetric.perTile", "false")]),
        new("α and β joint", [("asymmetric.joint", "true")]),
        new("meta draw shared", [("meta.draw", "shared")]),
        new("targets in bfloat16", [("distillation.targets", "bfloat16")]),
    ];

    /// <summary>In a claim, for <c>stable.steps</c>: the mean rate of the update on its data set at its IPC.</summary>
    internal const string MeanRate = "mean-rate";

    // Mean of ᾱ and β̄ over tiles, domains and three seeds, from the first iteration to the last, of the asymmetric update at laptop size (from its recorded logs).
    private static readonly Dictionary<(string Dataset, int Ipc), string> MeanRates = new()
    {
        [("r-mnist", 1)] = "0.961,0.871,0.816,0.763,0.719,0.679,0.643,0.612,0.583,0.561,0.542,0.523,0.504,0.491,0.480,0.466,0.457,0.446,0.436,0.429,0.419",
        [("r-mnist", 10)] = "0.967,0.760,0.648,0.589,0.548",
        [("pacs", 10)] = "0.980,1.050,1.128,1.180,1.223",
    };

    /// <summary>
    /// Whether it is the assignment of rates to tiles that helps: the update as it is, and steps that are smaller, or that follow its mean rate, without one;
    /// <c>data/specs/controls.sweep.json</c> is all of it at laptop size.
    /// </summary>
    /// <param name="spec">The update as it is, on R-MNIST at IPC 1 or 10, or on PACS at IPC 10: the mean rate was measured there.</param>
    /// <exception cref="ArgumentException">Another data set or IPC.</exception>
    public static IReadOnlyList<Ablation> Controls(RunSpec spec) =>
    [
        new("as it is", []),
        new("equal weights", [("rule", "stable")]),
        new("equal weights, a step that follows its mean rate", [("rule", "stable"), ("stable.steps", MeanRateOf(spec.Dataset, spec.Ipc))]),
        new("equal weights, half the step", [("rule", "stable"), Step(spec, 2)]),
        new("equal weights, a quarter of the step", [("rule", "stable"), Step(spec, 4)]),
        new("learnt rates, shuffled among the tiles of a class", [("asymmetric.assignment", "shuffled")]),
        new("learnt rates, one pair per class", [("asymmetric.assignment", "shared")]),
    ];

    /// <summary>The mean rate of the update, as factors of a step.</summary>
    /// <exception cref="ArgumentException">It was not measured there.</exception>
    internal static string MeanRateOf(string dataset, int ipc) => MeanRates.GetValueOrDefault((dataset, ipc))
        ?? throw new ArgumentException($"{dataset} IPC {ipc}: the mean rate of the update is known on {string.Join(", ", MeanRates.Keys.Select(key => $"{key.Dataset} IPC {key.Ipc}"))}; give one of these");

    /// <summary>The domains as they come, backwards, and, of more than three, the halves interleaved: 1, T/2+1, 2, T/2+2, …</summary>
    /// <param name="spec">The spec; where its data settings name domains, these are put in other orders.</param>
    public static IReadOnlyList<Ablation> Orders(RunSpec spec)
    {
        List<string> domains = spec.Data.Domains.Length > 0
            ? [.. DataSettings.Members(spec.Data.Domains)]
            : [.. Streams.DomainNames(spec).Take(spec.Domains)];
        Ablation Of(string name, IEnumerable<string> order) => new(name, [("data.domains", string.Join(',', order))]);
        var half = (domains.Count + 1) / 2;
        // Rotations that are named are counted among the paper's, others among as many as there are: those have other angles.
        var areOthers = Streams.DomainNames(spec).Count != Streams.DomainNames(spec.With("data.domains", string.Join(',', domains))).Count;
        List<Ablation> orders = [areOthers ? Of("as they come", domains) : new("as they come", []), Of("backwards", Enumerable.Reverse(domains))];
        if (domains.Count > 3)
            orders.Add(Of("halves interleaved", Enumerable.Range(0, domains.Count).Select(i => domains[i % 2 == 0 ? i / 2 : half + i / 2])));
        return orders;
    }

    private static (string Key, string Value) Step(RunSpec spec, int part) =>
        ("distillation.learningRate", (spec.Distillation.LearningRate / part).ToString(CultureInfo.InvariantCulture));
}

/// <summary>A run's spec with something changed.</summary>
/// <param name="Name">What is changed.</param>
/// <param name="Settings">Keys of a spec and their values; none for the spec as it is.</param>
public sealed record Ablation(string Name, IReadOnlyList<(string Key, string Value)> Settings)
{
    /// <summary>The changed spec.</summary>
    public RunSpec Of(RunSpec spec) => Settings.Aggregate(spec, (changed, setting) => changed.With(setting.Key, setting.Value));
}
