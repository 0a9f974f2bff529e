namespace DIDD.Experiments;

/// <summary>What rules keep of one data set in as many images: what a choice between them rests on.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Ipc">Stored images per class.</param>
/// <param name="Profile">Size of the runs.</param>
/// <param name="Rows">A row per rule of <see cref="Rules"/> that was measured, in that order.</param>
public sealed record RuleChoice(string Dataset, int Ipc, string Profile, IReadOnlyList<ReportRow> Rows)
{
    /// <summary>The rules that are held against each other; all store IPC images of each class.</summary>
    public static IReadOnlyList<string> Rules { get; } = ["finetune", "stable", "asymmetric", "mas", "reservoir", "consolidated"];

    private const string Lambda = "mas.lambda=";
    private static readonly string[] FreeSettings = ["distillation.factor=", "distillation.decay=", Lambda];

    /// <summary>The row of a rule, or null.</summary>
    public ReportRow? Of(string rule) => Rows.FirstOrDefault(row => row.Spec.Rule == rule);

    /// <summary>
    /// A_T and F_T of a rule in words, with the settings that are free where they are not the profile's; marked where there are several seeds and no other rule is measured to be better: paired by
    /// seed, none's A_T is above its by more than half the interval.
    /// </summary>
    public string Cell(string rule, Func<string, string> mark)
    {
        if (Of(rule) is not { } row)
            return "not run";
        var text = $"{row.Average} / {row.Forgetting?.ToString() ?? "–"}{(row.Changes.Count > 0 ? $" ({string.Join(", ", row.Changes.Select(change => change[(change[..change.IndexOf('=', StringComparison.Ordinal)].LastIndexOf('.') + 1)..]))})" : "")}";
        return row.Runs.Count > 1 && !Rows.Any(other => other.Difference(row) is { } gain && gain.Mean > gain.HalfWidth) ? mark(text) : text;
    }

    /// <summary>The choices that runs allow, by data set and IPC: those with the paper's domains, or all of the data set's where the paper has none, in which <c>consolidated</c> was measured.</summary>
    /// <param name="rows">What was measured. Of several rows of a rule that differ in <c>distillation.factor</c> or <c>distillation.decay</c> alone, the one with the highest A_T counts; one with another λ where there is none with the default.</param>
    public static IReadOnlyList<RuleChoice> Of(IEnumerable<ReportRow> rows) =>
    [
        .. rows.Where(row => row.Spec.Profile != "smoke" && row.Changes.All(change => FreeSettings.Any(free => change.StartsWith(free, StringComparison.Ordinal))))
            .GroupBy(row => (row.Spec.Dataset, row.Spec.Ipc, row.Spec.Profile))
            .Select(group => new RuleChoice(group.Key.Dataset, group.Key.Ipc, group.Key.Profile,
                [.. Rules.Select(rule => group.Where(row => row.Spec.Rule == rule).MaxBy(row => (!row.Changes.Any(change => change.StartsWith(Lambda, StringComparison.Ordinal)), row.Average.Mean))).OfType<ReportRow>()]))
            .Where(choice => choice.Of("consolidated") is not null),
    ];
}
