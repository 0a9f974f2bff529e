using DIDD.Experiments;

namespace DIDD.Cli;

/// <summary>The paper's main table: what it publishes beside what runs measured, with the size of the runs.</summary>
internal static class MainTable
{
    public const string Begin = "<!-- main table -->", End = "<!-- end of main table -->";

    // The larger, the closer to the paper.
    private static readonly string[] Sizes = ["paper", "laptop"];

    /// <summary>The table as Markdown: a row per rule, two columns per data set and IPC, one where nothing was measured.</summary>
    public static string Of(IEnumerable<Run> runs)
    {
        var rows = ReportRow.Of(runs).Where(row => row.Changes.Count == 0 && row.ComparesWithThePaper).ToList();
        ReportRow? Measured(string dataset, int ipc, string rule) => Sizes
            .Select(size => rows.Find(row => (row.Spec.Dataset, row.Spec.Ipc, row.Spec.Rule, row.Spec.Profile) == (dataset, ipc, rule, size))).FirstOrDefault(row => row is not null);
        var settings = PublishedResults.Settings;
        var run = settings.Where(setting => PublishedResults.Rules(setting.Dataset, setting.Ipc).Any(rule => Measured(setting.Dataset, setting.Ipc, rule) is not null)).ToHashSet();
        var rules = settings.SelectMany(setting => PublishedResults.Rules(setting.Dataset, setting.Ipc)).Distinct();
        return MarkdownFile.Table(
            ["A_T / F_T", .. settings.SelectMany(setting => new[] { $"{setting.Dataset} IPC {setting.Ipc}: paper", "here" }.Take(run.Contains(setting) ? 2 : 1))],
            [0],
            rules.Select(rule => settings.SelectMany(setting => new[]
            {
                PublishedResults.Of(setting.Dataset, setting.Ipc, rule) is { } paper ? $"{paper.Average:0.0} / {paper.Forgetting?.ToString("0.0") ?? "–"}" : "–",
                Measured(setting.Dataset, setting.Ipc, rule) is { } row
                    ? $"{row.Average} / {row.Forgetting?.ToString() ?? "–"} ({row.Spec.Profile}, {row.Runs.Count} {(row.Runs.Count == 1 ? "seed" : "seeds")})"
                    : "not run",
            }.Take(run.Contains(setting) ? 2 : 1)).Prepend(rule)));
    }
}
