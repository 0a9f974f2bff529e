using DIDD.Figures;

namespace DIDD.Cli;

/// <summary><c>didd claims</c>: a verdict on every claim of the paper, from recorded runs.</summary>
internal static class ClaimsCommand
{
    private const string Begin = "<!-- didd claims -->", End = "<!-- end of claims -->", VerdictsBegin = "<!-- verdicts -->", VerdictsEnd = "<!-- end of verdicts -->",
        MainBegin = "<!-- main table -->", MainEnd = "<!-- end of main table -->", ChoiceBegin = "<!-- rules -->", ChoiceEnd = "<!-- end of rules -->", FindingsEnd = "<!-- end of findings -->";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of runs.", DefaultValueFactory = _ => RunStore.RecordedFolder };
        var file = new Option<string>("--claims") { Description = "The claims.", DefaultValueFactory = _ => RunStore.BesideRecorded("claims.json") };
        var into = new Option<string?>("--into") { Description = $"Also puts the tables into this file, each between its lines where it has them: the main table between {MainBegin} and {MainEnd}, the verdicts between {VerdictsBegin} and {VerdictsEnd}, with what was measured between {Begin} and {End}, the rules to choose from between {ChoiceBegin} and {ChoiceEnd}, the findings of a section, such as past, between {FindingsBegin("past")} and {FindingsEnd}." };
        var findings = new Option<string>("--findings") { Description = "What was found beside the claims, in the claims' format; {0} in a sentence stands for the effect of its first comparison, {0:seeds} for its seeds.", DefaultValueFactory = _ => RunStore.BesideRecorded("findings.json") };
        var all = new Option<bool>("--all") { Description = "Shows every comparison with its effect, and the runs behind it." };
        var command = new Command("claims", "Holds the paper's main table and its claims against runs: reproduced, not reproduced, undecided or not tested.") { folder, file, findings, into, all };
        command.SetAction(parsed =>
        {
            var runs = Run.All(parsed.GetRequiredValue(folder)).Where(run => run.Finished).ToList();
            if (runs.Count == 0)
                throw new DataSetException($"{parsed.GetValue(folder)}: no finished runs here; `didd run` makes them, `didd record` copies them");
            var results = ClaimResult.Of(PaperClaim.Read(parsed.GetRequiredValue(file)), runs);
            var found = ClaimResult.Of(PaperClaim.Read(parsed.GetRequiredValue(findings)), runs);
            var main = MainTable(runs);
            var table = MarkdownFile.Table(["claim of the paper", "verdict", "size of the runs", "what was measured, with 95 % intervals"], [0, 1, 2, 3], results.Select(Row));
            Console.Write($"{main}\n{table}");
            if (parsed.GetValue(all))
                foreach (var result in results)
                    Console.Write($"\n{result.Claim.Id} ({result.Claim.Where})\n{string.Concat(result.Comparisons.Select(Lines))}");
            if (parsed.GetValue(into) is { } path)
                MarkdownFile.WriteBetween(path, [(MainBegin, MainEnd, main), (VerdictsBegin, VerdictsEnd, Verdicts(results)), (Begin, End, table), (ChoiceBegin, ChoiceEnd, ChoiceTable(ReportRow.Of(runs))), .. found.GroupBy(result => result.Claim.Section).Select(section => (FindingsBegin(section.Key), FindingsEnd, Findings(section)))]);
        });
        return command;
    }

    private static string FindingsBegin(string? section) => $"<!-- findings: {section} -->";

    private static string Findings(IEnumerable<ClaimResult> results) =>
        string.Concat(results.Select(result => $"- {ClaimTables.Sentence(result)}{(result.Claim.Where.Length > 0 ? $" ({result.Claim.Where})" : "")}\n"));

    private static string Verdicts(IEnumerable<ClaimResult> results) =>
        MarkdownFile.Table(["claim of the paper", "verdict"], [0, 1], results.Select(result => new[] { result.Claim.Says, $"**{ClaimTables.Word(result.Verdict)}**" }));

    private static string[] Row(ClaimResult result) =>
        [$"{result.Claim.Says} ({result.Claim.Where})", $"**{ClaimTables.Word(result.Verdict)}**", ClaimTables.Size(result), ClaimTables.Measured(result)];

    private static string Lines(ComparisonResult result) => $"  {ClaimTables.Line(result)}\n{string.Concat(result.Runs.Select(run => $"    {run.Folder}\n"))}";

    // What the paper publishes beside what runs measured, with their size: a row per rule, two columns per data set and IPC, one where nothing was measured.
    private static string MainTable(IEnumerable<Run> runs)
    {
        // The λ of a regulariser is not published: where its default was not run, or diverges, another counts.
        var rows = ReportRow.Of(runs).Where(row => row.ComparesWithThePaper && (row.IsOfProfile || row.Changes.All(change => change.StartsWith($"{row.Spec.Rule}.lambda=", StringComparison.Ordinal))))
            .OrderByDescending(row => row.IsOfProfile).ToList();
        ReportRow? Measured(string dataset, int ipc, string rule) => Profiles.HeldAgainstThePaper
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
                    ? $"{row.Average} / {row.Forgetting?.ToString() ?? "–"} ({string.Join(", ", row.Changes.Prepend(row.Spec.Profile))}, {row.Runs.Count} {(row.Runs.Count == 1 ? "seed" : "seeds")})"
                    : "not run",
            }.Take(run.Contains(setting) ? 2 : 1)).Prepend(rule)));
    }

    // What rules keep in as many images: a row per data set and IPC, a column per rule; bold are those of which none is measured to be better.
    private static string ChoiceTable(IEnumerable<ReportRow> rows) => MarkdownFile.Table(
        ["A_T / F_T", .. RuleChoice.Rules], [0],
        RuleChoice.Of(rows).Select(choice =>
            RuleChoice.Rules.Select(rule => choice.Cell(rule, text => $"**{text}**")).Prepend($"{choice.Dataset} IPC {choice.Ipc}")));
}
