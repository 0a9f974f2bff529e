namespace DIDD.Figures;

/// <summary>Which rule to take, from what was measured.</summary>
public static class ChoiceTable
{
    /// <summary>A row per data set and IPC, a column per rule: A_T and F_T over the seeds. A star marks a rule that no other is measured to beat.</summary>
    /// <param name="choices">At least one.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Table Of(IReadOnlyList<RuleChoice> choices)
    {
        Check.NotEmpty(choices, "choice", "record runs of the rule consolidated");
        return Table.Of(
        [
            ("data set", choices.Select(choice => choice.Dataset).ToArray()),
            ("IPC", choices.Select(choice => choice.Ipc).ToArray()),
            .. RuleChoice.Rules.Select(rule => (RunFigures.RuleName(rule), (System.Collections.IList)choices.Select(choice => choice.Cell(rule, text => $"★ {text}")).ToArray())),
        ])
            .WithCaption($"A_T / F_T, means over seeds ± half the 95 % interval; all rules store the same number of images. ★: no rule is measured to be better, paired by seed; one seed measures nothing. Size {RunFigures.Sizes(choices.Select(choice => choice.Profile))}. "
                + string.Join("; ", choices.Select(choice => $"{choice.Dataset} IPC {choice.Ipc}: {Seeds(choice)}")) + ".");
    }

    private static string Seeds(RuleChoice choice) => string.Join(", ", choice.Rows.GroupBy(row => row.Runs.Count).OrderByDescending(group => group.Key)
        .Select(group => $"{group.Key} {(group.Key == 1 ? "seed" : "seeds")} of {string.Join(", ", group.Select(row => RunFigures.RuleName(row.Spec.Rule)))}"));
}
