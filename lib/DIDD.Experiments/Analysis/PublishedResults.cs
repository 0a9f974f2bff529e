namespace DIDD.Experiments;

/// <summary>What the paper reports (METHOD §7), means of three runs; no intervals are given.</summary>
public static class PublishedResults
{
    private static readonly string[] MainRules = ["finetune", "ewc", "mas", "lwf", "joint-m3d", "asymmetric"];

    // Of every rule of the main table.
    private static readonly Dictionary<(string Dataset, int Ipc), (double Average, double? Forgetting)[]> Results = new()
    {
        [("r-mnist", 1)] = [(38.9, 59.2), (38.8, 59.2), (43.2, 50.2), (32.9, 48.5), (80.2, null), (58.6, 21.0)],
        [("r-mnist", 20)] = [(41.9, 56.7), (41.6, 56.7), (45.0, 51.8), (36.2, 38.7), (91.5, null), (59.0, 39.3)],
        [("core50", 20)] = [(26.4, 79.2), (26.4, 79.1), (27.0, 66.1), (17.6, 24.7), (84.7, null), (60.6, 38.7)],
        [("pacs", 20)] = [(27.4, 44.4), (28.6, 43.5), (35.6, 12.9), (34.5, 14.5), (54.5, null), (52.1, 10.0)],
    };

    /// <summary>The settings of the main table, in its order.</summary>
    public static IReadOnlyList<(string Dataset, int Ipc)> Settings { get; } = [.. Results.Keys];

    /// <summary>The ablation, R-MNIST at IPC 10: mean accuracy over the domains 1–5, 6–10, 11–15 and 16–20 by rule, per cent.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<double>> Ablation { get; } = new Dictionary<string, IReadOnlyList<double>>
    {
        ["finetune"] = [33.4, 19.4, 23.7, 80.9],
        ["stable"] = [26.9, 27.5, 59.3, 87.1],
        ["linear"] = [31.0, 33.4, 56.6, 82.7],
        ["asymmetric"] = [36.3, 43.8, 76.3, 94.5],
    };

    /// <summary>Data set and IPC of <see cref="Ablation"/>.</summary>
    public static (string Dataset, int Ipc) AblationSetting => ("r-mnist", 10);

    /// <summary>Seconds on PACS at IPC 10: Finetune, the asymmetric update, and with 1,000 instead of 3,000 iterations.</summary>
    public static (double Finetune, double Asymmetric, double Asymmetric1000) Seconds => (411, 1123, 344);

    /// <summary>The rules of which the main table has a row at a setting, in its order.</summary>
    public static IReadOnlyList<string> Rules(string dataset, int ipc) => Results.ContainsKey((dataset, ipc)) ? MainRules : [];

    /// <summary>Domains T of the paper's stream; null where the paper has no such data set.</summary>
    public static int? Domains(string dataset) => dataset switch
    {
        "r-mnist" => 20,
        "core50" => 11,
        "pacs" => 4,
        _ => null,
    };

    /// <summary>A_T and F_T in per cent; null where the paper has no such cell.</summary>
    public static (double Average, double? Forgetting)? Of(string dataset, int ipc, string rule) =>
        Results.TryGetValue((dataset, ipc), out var results) && Array.IndexOf(MainRules, rule) is >= 0 and var place ? results[place] : null;
}
