using DIDD.Notebooks;

namespace DIDD.Cli;

/// <summary><c>didd notebooks run</c>, the main job: executes the notebooks and writes executed copies and pages.</summary>
internal static class NotebooksCommand
{
    // Thirty days.
    private const int LongestCell = 30 * 86_400;

    private static readonly string[] ParameterNames = ["--parameter", "--parameters", "-p"];

    public static Command Create() => new("notebooks", "Executes the notebooks.") { CreateRun(), KernelCommand.Create() };

    /// <summary>A command line with every parameter as one word, <c>-p seed=3</c>, where papermill's users write two, <c>-p seed 3</c>.</summary>
    public static IReadOnlyList<string> AsOneWord(IReadOnlyList<string> arguments)
    {
        var joined = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            joined.Add(arguments[i]);
            if (!ParameterNames.Contains(arguments[i]) || i + 1 == arguments.Count)
                continue;
            var name = arguments[++i];
            joined.Add(name.Contains('=', StringComparison.Ordinal) || i + 1 == arguments.Count ? name : $"{name}={arguments[++i]}");
        }
        return joined;
    }

    private static Command CreateRun()
    {
        var paths = new Argument<string[]>("paths") { Description = "Notebooks or folders of notebooks; notebooks/ of the repository by default.", Arity = ArgumentArity.ZeroOrMore };
        var profile = new Option<string>("--profile") { Description = $"Size of the experiments: {string.Join(", ", Profiles.Names)}.", DefaultValueFactory = _ => "smoke" };
        var parameter = new Option<string[]>(ParameterNames[0], ParameterNames[1..]) { Description = "Sets a variable of the cell tagged 'parameters', such as seed=3 or seed 3; may be repeated.", HelpName = "name=value" };
        var output = new Option<string>("--out") { Description = "Folder of the executed copies and pages.", DefaultValueFactory = _ => Path.Combine("out", "notebooks") };
        var html = new Option<string>("--html") { Description = "Folder of the pages, a site that needs no network; beside the executed copies by default." };
        var record = new Option<bool>("--record") { Description = "Also puts the outputs into the notebooks themselves, figures with static pictures; needs Chromium or Chrome." };
        var timeout = new Option<int?>("--timeout") { Description = "Seconds that one cell may take; 600 in smoke, a day otherwise by default." };
        var command = new Command("run", "Executes notebooks in order; exit code 1 if any cell failed.") { paths, profile, parameter, output, html, record, timeout };
        command.SetAction(Stoppable.Action(async (parsed, cancellation) =>
        {
            var parameters = new Dictionary<string, string> { ["profile"] = parsed.GetRequiredValue(profile) };
            foreach (var assignment in parsed.GetValue(parameter) ?? [])
            {
                var (name, value) = Parameter(assignment);
                parameters[name] = value;
            }
            var chosen = parameters["profile"];
            Profiles.Spec(chosen).Validate();
            var seconds = parsed.GetValue(timeout) ?? (chosen == "smoke" ? 600 : 86_400);
            if (seconds is < 1 or > LongestCell)
                throw new SpecException($"--timeout {seconds}: must be between 1 and {LongestCell} seconds");
            // Nobody asked for the default, which notebooks of one's own need not have.
            IReadOnlyList<string> optional = parsed.GetResult(profile) is { Implicit: false } ? [] : ["profile"];
            var options = new NotebookRunOptions { Parameters = parameters, Optional = optional, CellTimeLimit = TimeSpan.FromSeconds(seconds) };
            var folder = Path.GetFullPath(parsed.GetRequiredValue(output));
            var pages = Path.GetFullPath(parsed.GetValue(html) ?? folder);
            var recording = parsed.GetValue(record);
            var browser = recording || parsed.GetValue(html) is not null ? FigurePictures.Browser() : null;
            if (recording && browser is null)
                throw new SpecException($"--record: no Chromium or Chrome on the search path draws the pictures; install one, or name it in {FigurePictures.BrowserVariable}");
            var made = Made();
            var undrawn = false;
            var results = await Execute(parsed.GetValue(paths) is { Length: > 0 } named ? named : [Notebooks()], folder, pages, browser, made, options, problem =>
            {
                undrawn = true;
                Console.Error.WriteLine($"{(recording ? "error: nothing is recorded" : "warning: the pages have no static pictures")}: {problem}");
            }, cancellation);
            Report(results, pages);
            if (results.Count == 0 || results.Any(result => result.Outcome != NotebookOutcome.Ok))
                return ExitCode.Failed;
            return !recording ? ExitCode.Done : !undrawn && Record(results, parameters, made) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    // The value may hold further equals signs.
    private static (string Name, string Value) Parameter(string assignment) => assignment.Split('=', 2) is [{ Length: > 0 } name, var value]
        ? (name, value)
        : throw new SpecException($"--parameter: '{assignment}' is no parameter: write name=value, or name and value as two words");

    private static string Notebooks() =>
        Path.Combine(DataFolder.Repository() ?? throw new SpecException("no repository around the current folder; name the notebooks to run"), "notebooks");

    private static async Task<IReadOnlyList<NotebookResult>> Execute(string[] paths, string folder, string pages, string? browser, (string, string) made, NotebookRunOptions options, Action<string> noPictures,
        CancellationToken cancellation)
    {
        try
        {
            return await NotebookSuite.RunAsync(paths, folder, options, pages, browser, made, new Lines(), noPictures: noPictures, cancellation: cancellation);
        }
        catch (Exception e) when (e is FileNotFoundException or ArgumentException)
        {
            throw new SpecException(e.Message);
        }
    }

    // Notebooks compute on the CPU; the figures of runs say where those were computed.
    private static (string Environment, string Date) Made()
    {
        var environment = RunEnvironment.Current(ComputeDevice.Open("cpu"), 0);
        return ($"{environment.Processor}, {environment.Device}, DIDD {environment.Commit}", environment.Date);
    }

    // One that cannot be recorded does not keep the others from it.
    private static bool Record(IReadOnlyList<NotebookResult> results, IReadOnlyDictionary<string, string> parameters, (string Environment, string Date) made)
    {
        var all = true;
        foreach (var result in results)
        {
            try
            {
                NotebookRecorder.Record(result, parameters, made.Environment, made.Date);
                Console.WriteLine($"recorded in {result.Source}");
            }
            catch (Exception e) when (e is ArgumentException or InvalidDataException or IOException)
            {
                Console.Error.WriteLine($"error: not recorded: {e.Message}");
                all = false;
            }
        }
        return all;
    }

    private static void Report(IReadOnlyList<NotebookResult> results, string folder)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("notebook");
        foreach (var title in (string[])["cells", "seconds", "peak MB"])
            table.AddColumn(new TableColumn(title).RightAligned());
        table.AddColumn("result");
        foreach (var result in results)
            table.AddRow(
                new Text(result.Notebook), new Text($"{result.CellsExecuted} of {result.Cells}"), new Text($"{result.Seconds:0.0}"), new Text($"{result.PeakBytes >> 20}"),
                new Text(result.Outcome switch { NotebookOutcome.Ok => "ok", NotebookOutcome.TimedOut => "TIMED OUT", NotebookOutcome.ProcessDied => "DIED", _ => "FAILED" }));
        AnsiConsole.Write(table);
        foreach (var failure in results.Select(result => result.Failure).OfType<CellFailure>())
            Console.Error.WriteLine(failure);
        Console.WriteLine($"pages: {Path.Combine(folder, "index.html")}");
    }

    // A line for every cell as it begins; in order, since IProgress would post them to the thread pool.
    private sealed class Lines : IProgress<CellProgress>
    {
        public void Report(CellProgress progress)
        {
            if (!progress.IsFinished)
                Console.WriteLine($"{progress.Notebook}: cell {progress.Cell} of {progress.Cells}");
        }
    }
}
