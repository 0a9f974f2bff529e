namespace DIDD.Cli;

/// <summary><c>didd check</c>: whether runs are as they were written.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var folders = new Argument<string[]>("folders") { Description = "Folders of runs or shards, or folders that hold such.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Compares the files of runs with the sums that were written with them; computes nothing. Exit code 1 if one is damaged.") { folders };
        command.SetAction(parsed =>
        {
            var runs = parsed.GetRequiredValue(folders).SelectMany(Runs).ToList();
            var (damaged, without) = (0, 0);
            foreach (var run in runs)
            {
                var damage = RunCheck.Damage(run);
                foreach (var problem in damage)
                    Console.WriteLine($"DAMAGED {problem}");
                if (damage.Count > 0)
                {
                    damaged++;
                    continue;
                }
                if (!RunCheck.HasSums(run))
                {
                    without++;
                    Console.WriteLine($"no sums {run}: {(RunCheck.IsFinished(run) ? "an older version left none, so that only whether its files can be read was checked, not whether they are as they were written" : "not finished; only whether what is there can be read was checked")}");
                }
            }
            Console.WriteLine($"{runs.Count} runs: {runs.Count - damaged} good{(without > 0 ? $", {without} of them without sums" : "")}, {damaged} damaged");
            return damaged == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static IReadOnlyList<string> Runs(string folder)
    {
        if (!Directory.Exists(folder))
            throw new SpecException($"{folder}: no such folder");
        if (RunCheck.IsRun(folder))
            return [folder];
        List<string> below = [.. Directory.GetDirectories(folder).Where(path => !path.EndsWith(".tmp", StringComparison.Ordinal) && RunCheck.IsRun(path)).Order(StringComparer.Ordinal)];
        return below.Count > 0 ? below : throw new DataSetException($"{folder}: no runs here; `didd run` makes them");
    }
}
