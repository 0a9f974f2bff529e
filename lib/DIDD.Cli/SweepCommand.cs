namespace DIDD.Cli;

/// <summary><c>didd sweep</c>: many runs, each in a process of its own.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("grid") { Description = "JSON file of the sweep, such as data/specs/recorded.sweep.json; `didd spec schema` has its schema." };
        var output = new Option<string>("--out") { Description = "Folder of the runs; several sweeps may share it.", DefaultValueFactory = _ => RunStore.OutputFolder };
        var list = new Option<bool>("--list") { Description = "Lists the runs and where they stand; computes nothing." };
        var workers = new Option<int>("--workers") { Description = "Runs at a time.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads of a run; 0 divides the processors among the workers.", DefaultValueFactory = _ => 1 };
        var shard = new Option<string?>("--shard") { Description = "Computes every n-th run alone, from the i-th: one of several machines.", HelpName = "i/n" };
        var place = new PlaceOptions();
        var force = RunCommand.Force();
        var command = new Command("sweep", "Computes the runs of a grid. Finished ones are left alone; what failed or was stopped is tried again by the same command.")
        {
            file, output, list, workers, threads, shard, force,
        };
        place.AddTo(command);
        command.SetAction(Stoppable.Action(async (parsed, cancellation) =>
        {
            var specs = Runs(parsed.GetRequiredValue(file), parsed.GetValue(shard));
            var (parallel, each) = (parsed.GetRequiredValue(workers), parsed.GetRequiredValue(threads));
            if (parallel < 1)
                throw new SpecException($"--workers {parallel}: must be at least 1");
            if (each != 0)
                ComputeDevice.CheckThreads(each);
            var root = Path.GetFullPath(parsed.GetRequiredValue(output));
            List<string> options = [.. place.Arguments(parsed), .. parsed.GetValue(force) ? (string[])["--force"] : []];
            var process = new RunProcess(each > 0 ? each : Math.Max(1, Environment.ProcessorCount / parallel), options);
            var sweep = new SweepRunner(specs, root, process.Compute);
            if (parsed.GetValue(list))
                return List(sweep);
            place.Device(parsed);
            Console.WriteLine($"{specs.Count} runs → {root}");
            try
            {
                await SweepProgress.ExecuteAsync(sweep, parallel, cancellation);
            }
            finally
            {
                Summarise(sweep);
            }
            return sweep.Count(SweepState.Failed) == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    /// <summary>The runs of a file, or one machine's share of them.</summary>
    public static IReadOnlyList<RunSpec> Runs(string file, string? shard)
    {
        var sweep = Sweep.Read(file);
        try
        {
            var runs = sweep.Runs();
            return shard is null ? runs : Sweep.Shard(runs, shard);
        }
        catch (SpecException e)
        {
            throw new SpecException($"{file}: {e.Message}");
        }
    }

    private static int List(SweepRunner sweep)
    {
        var states = sweep.Cells.Select(cell => (cell, State: cell.OnDisk())).ToList();
        foreach (var (cell, state) in states)
            Console.WriteLine($"{cell.Spec.Name}: {Describe(cell, state)}");
        Console.WriteLine($"{states.Count} runs: {states.Count(s => s.State == SweepState.Done)} done, {states.Count(s => s.State == SweepState.Elsewhere)} running, {states.Count(s => s.State == SweepState.Waiting)} waiting");
        return ExitCode.Done;
    }

    private static string Describe(SweepCell cell, SweepState state) => state switch
    {
        SweepState.Done => "done",
        SweepState.Elsewhere => $"running{Domains(cell)}",
        _ when File.Exists(Path.Combine(cell.Folder, RunProcess.FailureFile)) => $"waiting{Domains(cell)}, failed before ({Path.Combine(cell.Folder, RunProcess.FailureFile)})",
        _ => $"waiting{Domains(cell)}",
    };

    private static string Domains(SweepCell cell) => cell.DomainsDone is > 0 and var done ? $", {done} of {cell.Spec.Domains} domains done" : "";

    private static void Summarise(SweepRunner sweep)
    {
        var computed = sweep.Cells.Count(cell => cell.Computed);
        Console.WriteLine($"{SweepProgress.Counts(sweep)}; {computed} computed now");
        if (computed > 0)
        {
            Console.WriteLine($"{sweep.Elapsed.TotalSeconds:0.0} s; the runs add up to {sweep.RunTime.TotalSeconds:0.0} s: "
                + $"{sweep.RunTime / sweep.Elapsed:0.00} at a time, {computed / sweep.Elapsed.TotalHours:0.0} runs an hour");
        }
        foreach (var cell in sweep.Cells.Where(cell => cell.State == SweepState.Failed))
            Console.Error.WriteLine($"failed: {cell.Spec.Name}: {cell.Message}{(File.Exists(Path.Combine(cell.Folder, RunProcess.FailureFile)) ? $" (all it said: {Path.Combine(cell.Folder, RunProcess.FailureFile)})" : "")}");
    }
}
