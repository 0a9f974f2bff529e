using System.CommandLine;
using DIDD.Data;
using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Cli;

/// <summary><c>didd claims</c>: a verdict on every claim of the paper, from recorded runs.</summary>
internal static class ClaimsCommand
{
    private const string Begin = "<!-- didd claims -->", End = "<!-- end of claims -->", VerdictsBegin = "<!-- verdicts -->", VerdictsEnd = "<!-- end of verdicts -->";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of runs.", DefaultValueFactory = _ => RunStore.RecordedFolder };
        var file = new Option<string>("--claims") { Description = "The claims.", DefaultValueFactory = _ => Path.Combine(Path.GetDirectoryName(RunStore.RecordedFolder)!, "claims.json") };
        var into = new Option<string?>("--into") { Description = $"Also puts the tables into this file, each between its lines where it has them: the main table between {MainTable.Begin} and {MainTable.End}, the verdicts between {VerdictsBegin} and {VerdictsEnd}, with what was measured between {Begin} and {End}, the rules to choose from between {ChoiceTable.Begin} and {ChoiceTable.End}." };
        var all = new Option<bool>("--all") { Description = "Shows every comparison with its effect, and the runs behind it." };
        var command = new Command("claims", "Holds the paper's main table and its claims against runs: reproduced, not reproduced, undecided or not tested.") { folder, file, into, all };
        command.SetAction(parsed =>
        {
            var runs = Run.All(parsed.GetRequiredValue(folder)).Where(run => run.Finished).ToList();
            if (runs.Count == 0)
                throw new DataSetException($"{parsed.GetValue(folder)}: no finished runs here; `didd run` makes them, `didd record` copies them");
            var results = ClaimResult.Of(PaperClaim.Read(parsed.GetRequiredValue(file)), runs);
            var main = MainTable.Of(runs);
            var table = MarkdownFile.Table(["claim of the paper", "verdict", "size of the runs", "what was measured, with 95 % intervals"], [0, 1, 2, 3], results.Select(Row));
            Console.Write($"{main}\n{table}");
            if (parsed.GetValue(all))
                foreach (var result in results)
                    Console.Write($"\n{result.Claim.Id} ({result.Claim.Where})\n{string.Concat(result.Comparisons.Select(Lines))}");
            if (parsed.GetValue(into) is { } path)
                MarkdownFile.WriteBetween(path, (MainTable.Begin, MainTable.End, main), (VerdictsBegin, VerdictsEnd, Verdicts(results)), (Begin, End, table), (ChoiceTable.Begin, ChoiceTable.End, ChoiceTable.Of(runs)));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Verdicts(IEnumerable<ClaimResult> results) =>
        MarkdownFile.Table(["claim of the paper", "verdict"], [0, 1], results.Select(result => new[] { result.Claim.Says, $"**{ClaimTables.Word(result.Verdict)}**" }));

    private static string[] Row(ClaimResult result) =>
        [$"{result.Claim.Says} ({result.Claim.Where})", $"**{ClaimTables.Word(result.Verdict)}**", ClaimTables.Size(result), ClaimTables.Measured(result)];

    private static string Lines(ComparisonResult result) => $"  {ClaimTables.Line(result)}\n{string.Concat(result.Runs.Select(run => $"    {run.Folder}\n"))}";
}
