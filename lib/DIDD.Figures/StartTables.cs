namespace DIDD.Figures;

/// <summary>Tables of what a reader has before the first experiment: the machine, and the sizes to choose from.</summary>
public static class StartTables
{
    /// <summary>What this machine has, a row per finding of <see cref="MachineCheck"/>.</summary>
    public static Table Machine(IReadOnlyList<Finding> findings)
    {
        var missing = findings.Where(finding => finding.Good == false).Select(finding => finding.Subject).ToList();
        return Table.Of(
            ("", findings.Select(finding => finding.Good switch { true => "ok", false => "MISSING", null => "–" }).ToArray()),
            ("what", findings.Select(finding => finding.Subject).ToArray()),
            ("found", findings.Select(finding => finding.Text).ToArray()))
            .WithCaption(missing.Count == 0 ? "Everything that the notebooks need is here." : $"Missing: {string.Join(", ", missing)}.");
    }

    /// <summary>The profiles, a column each, with the numbers of their specs for R-MNIST and the rule asymmetric at IPC 1.</summary>
    public static Table ProfileSizes()
    {
        var specs = Profiles.Names.Select(name => Profiles.Spec(name)).ToList();
        (string Name, Func<RunSpec, int> Of)[] rows =
        [
            ("domains T", spec => spec.Domains),
            ("iterations a domain", spec => spec.Distillation.Iterations),
            ("real images n a class and iteration", spec => spec.Distillation.RealImages),
            ("width of the network that distils", spec => spec.Distillation.Network.Width),
            ("networks trained to evaluate a set", spec => spec.Evaluation.Networks),
            ("epochs of their training", spec => spec.Evaluation.Epochs),
            ("width of these networks", spec => spec.Evaluation.Network.Width),
            ("test images a domain, 0 for all", spec => spec.Evaluation.TestImages),
        ];
        return Table.Of([("", rows.Select(row => row.Name).ToArray()), .. specs.Select(spec => (spec.Profile, (System.Collections.IList)rows.Select(row => row.Of(spec)).ToArray()))])
            .WithCaption("R-MNIST, rule asymmetric, IPC 1.");
    }
}
