namespace DIDD.Experiments;

/// <summary>What the paper reports (METHOD §7), means of three runs; no intervals are given.</summary>
public static class PublishedResults
{
    private static readonly Dictionary<(string Dataset, int Ipc, string Rule), (double Average, double? Forgetting)> Results = new()
    {
        [("r-mnist", 1, "finetune")] = (38.9, 59.2),
        [("r-mnist", 1, "ewc")] = (38.8, 59.2),
        [("r-mnist", 1, "mas")] = (43.2, 50.2),
        [("r-mnist", 1, "lwf")] = (32.9, 48.5),
        [("r-mnist", 1, "joint-m3d")] = (80.2, null),
        [("r-mnist", 1, "asymmetric")] = (58.6, 21.0),
        [("r-mnist", 20, "finetune")] = (41.9, 56.7),
        [("r-mnist", 20, "ewc")] = (41.6, 56.7),
        [("r-mnist", 20, "mas")] = (45.0, 51.8),
        [("r-mnist", 20, "lwf")] = (36.2, 38.7),
        [("r-mnist", 20, "joint-m3d")] = (91.5, null),
        [("r-mnist", 20, "asymmetric")] = (59.0, 39.3),
        [("core50", 20, "finetune")] = (26.4, 79.2),
        [("core50", 20, "ewc")] = (26.4, 79.1),
        [("core50", 20, "mas")] = (27.0, 66.1),
        [("core50", 20, "lwf")] = (17.6, 24.7),
        [("core50", 20, "joint-m3d")] = (84.7, null),
        [("core50", 20, "asymmetric")] = (60.6, 38.7),
        [("pacs", 20, "finetune")] = (27.4, 44.4),
        [("pacs", 20, "ewc")] = (28.6, 43.5),
        [("pacs", 20, "mas")] = (35.6, 12.9),
        [("pacs", 20, "lwf")] = (34.5, 14.5),
        [("pacs", 20, "joint-m3d")] = (54.5, null),
        [("pacs", 20, "asymmetric")] = (52.1, 10.0),
    };

    /// <summary>The settings of the main table, in its order.</summary>
    public static IReadOnlyList<(string Dataset, int Ipc)> Settings { get; } = [.. Results.Keys.Select(key => (key.Dataset, key.Ipc)).Distinct()];

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
    public static IReadOnlyList<string> Rules(string dataset, int ipc) => [.. Results.Keys.Where(key => key.Dataset == dataset && key.Ipc == ipc).Select(key => key.Rule)];

    /// <summary>Domains T of the paper's stream; null where the paper has no such data set.</summary>
    public static int? Domains(string dataset) => dataset switch
    {
        "r-mnist" => 20,
        "core50" => 11,
        "pacs" => 4,
        _ => null,
    };

    /// <summary>A_T and F_T in per cent; null where the paper has no such cell.</summary>
    /// <param name="dataset">Data set.</param>
    /// <param name="ipc">Stored images per class.</param>
    /// <param name="rule">Learner: one of <see cref="Learners.Names"/>.</param>
    public static (double Average, double? Forgetting)? Of(string dataset, int ipc, string rule) =>
        Results.TryGetValue((dataset, ipc, rule), out var result) ? result : null;
}
