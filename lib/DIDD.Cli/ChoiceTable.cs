using DIDD.Experiments;

namespace DIDD.Cli;

/// <summary>What rules keep in the same bytes, to choose one by.</summary>
internal static class ChoiceTable
{
    public const string Begin = "<!-- rules -->", End = "<!-- end of rules -->";

    /// <summary>The table as Markdown: a row per data set and IPC, a column per rule; bold are those of which none is measured to be better.</summary>
    public static string Of(IEnumerable<Run> runs) => MarkdownFile.Table(
        ["A_T / F_T", .. RuleChoice.Rules], [0],
        RuleChoice.Of(ReportRow.Of(runs)).Select(choice => RuleChoice.Rules.Select(rule => Cell(choice, rule)).Prepend($"{choice.Dataset} IPC {choice.Ipc}")));

    private static string Cell(RuleChoice choice, string rule) =>
        choice.Of(rule) is not { } row ? "not run" : choice.IsBest(row) ? $"**{RuleChoice.Text(row)}**" : RuleChoice.Text(row);
}
