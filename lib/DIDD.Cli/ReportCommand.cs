using DIDD.Figures;

namespace DIDD.Cli;

/// <summary><c>didd report</c> and <c>didd record</c>: runs as a table, and small copies of them.</summary>
internal static class ReportCommand
{
    private const string Begin = "<!-- didd report -->", End = "<!-- end of report -->", SweepsBegin = "<!-- sweeps -->", SweepsEnd = "<!-- end of sweeps -->";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of runs; the recorded ones by default.", DefaultValueFactory = _ => RunStore.RecordedFolder };
        var into = new Option<string?>("--into") { Description = $"Also puts the table into this file, between the lines {Begin} and {End}, and which runs of the sweeps of data/specs are there between {SweepsBegin} and {SweepsEnd}." };
        var csv = new Option<string?>("--csv") { Description = "Also writes the table to this file, as comma-separated values with all digits." };
        var command = new Command("report", "Joins the runs of a folder into a table: means over the seeds with 95 % intervals, and the published numbers.") { folder, into, csv };
        command.SetAction(parsed =>
        {
            var (finished, unfinished, damaged) = Runs(parsed.GetRequiredValue(folder));
            var rows = ReportRow.Of(finished);
            var table = Table(rows);
            Console.Write(table);
            foreach (var run in finished.Except(ReportRow.Newest(finished)))
                Console.WriteLine($"an older copy of the same run, left out: {run.Folder}");
            foreach (var run in unfinished)
                Console.WriteLine($"not finished, left out: {run.Folder} ({run.Accuracy.Done} of {run.Accuracy.Domains} domains)");
            foreach (var problem in damaged)
                Console.Error.WriteLine($"damaged, left out: {problem}");
            if (parsed.GetValue(into) is { } file)
                MarkdownFile.WriteBetween(file, (Begin, End, table), (SweepsBegin, SweepsEnd, File.Exists(file) && File.ReadAllText(file).Contains(SweepsBegin, StringComparison.Ordinal) ? Sweeps(finished.Select(run => run.Spec.Name).ToHashSet()) : ""));
            if (parsed.GetValue(csv) is { } path)
                RunTables.WriteCsv(rows.Count > 0 ? RunTables.Report(rows) : throw new DataSetException($"--csv {path}: no run here is finished; nothing is written"), Path.GetFullPath(path));
            return damaged.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    public static Command CreateRecord()
    {
        var folders = new Argument<string[]>("runs") { Description = "Folders of finished runs.", Arity = ArgumentArity.OneOrMore };
        var root = new Option<string>("--to") { Description = "Folder of the recorded runs.", DefaultValueFactory = _ => RunStore.RecordedFolder };
        var images = new Option<RecordedImages>("--images") { Description = "What to keep of sets and their pictures: all, those after the last domain, its sheet alone, or none.", DefaultValueFactory = _ => RecordedImages.Last };
        var log = new Option<int>("--log") { Description = "Records of the log to keep of every domain, about; the last always is.", DefaultValueFactory = _ => RecordedRun.LogRecords };
        var command = new Command("record", "Copies finished runs, their logs thinned, to where notebooks and reports find them.") { folders, root, images, log };
        command.SetAction(parsed =>
        {
            var records = parsed.GetValue(log) is > 0 and var number ? number : throw new SpecException($"--log {parsed.GetValue(log)}: must be at least 1");
            foreach (var run in parsed.GetRequiredValue(folders).Select(Run.Open))
                Console.WriteLine(RecordedRun.Write(run, parsed.GetRequiredValue(root), parsed.GetRequiredValue(images), records));
        });
        return command;
    }

    private static (IReadOnlyList<Run> Finished, IReadOnlyList<Run> Unfinished, IReadOnlyList<string> Damaged) Runs(string folder)
    {
        if (!Directory.Exists(folder))
            throw new SpecException($"{folder}: no such folder");
        if (RunCheck.IsRun(folder))
            throw new SpecException($"{folder}: is a run itself; give the folder that it is in: didd report {Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))}");
        var damaged = new List<string>();
        var runs = Run.All(folder, damaged.Add);
        return runs.Count + damaged.Count == 0
            ? throw new DataSetException($"{folder}: no runs here; `didd run` makes them, `didd record` copies them")
            : ([.. runs.Where(run => run.Finished)], [.. runs.Where(run => !run.Finished)], damaged);
    }

    private static string Sweeps(IReadOnlySet<string> finished)
    {
        var folder = RunStore.BesideRecorded("specs");
        string[] sweeps = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.sweep.json") : [];
        return MarkdownFile.Table(["sweep", "what it is for", "runs", "recorded"], [0, 1, 3], sweeps.Order(StringComparer.Ordinal).Select(path =>
        {
            var (sweep, name) = (Sweep.Read(path), Path.GetFileName(path));
            var runs = SweepCommand.Runs(path, null);
            return new[] { $"[`{name[..name.IndexOf('.', StringComparison.Ordinal)]}`]({name})", sweep.Description ?? "", $"{runs.Count}", Recorded(runs, finished) };
        }));
    }

    private static string Recorded(IReadOnlyList<RunSpec> runs, IReadOnlySet<string> finished)
    {
        var done = runs.Count(run => finished.Contains(run.Name));
        var parts = runs.GroupBy(run => (run.Dataset, run.Ipc)).Select(part => (part.Key, Done: part.Count(run => finished.Contains(run.Name)), All: part.Count()));
        return done == 0 ? "none" : done == runs.Count ? "all"
            : $"{done}; of {string.Join(", ", parts.Where(part => part.Done < part.All).Select(part => $"{part.Key.Dataset} at IPC {part.Key.Ipc} {part.Done} of {part.All}"))}";
    }

    private static string Table(IReadOnlyList<ReportRow> rows) => MarkdownFile.Table(
        ["data set", "profile", "IPC", "rule", "seeds", "A_T, %", "F_T, points", "quarters of the domains, %", "paper A_T / F_T", "seconds a run", "settings"],
        [0, 1, 3], rows.Select(Row));

    private static string[] Row(ReportRow row)
    {
        var budget = row.Runs.Max(run => run.Budget);
        return
        [
            row.Spec.Dataset, row.Spec.Profile, $"{row.Spec.Ipc}", budget > 1 ? $"{row.Spec.Rule} ({budget} × the budget)" : row.Spec.Rule,
            string.Join(", ", row.Runs.Select(run => run.Spec.Seed)), row.Average.ToString(), row.Forgetting?.ToString() ?? "–",
            string.Join(" / ", row.Segments.Select(segment => $"{segment.Mean:0.0}")),
            row.Published is { } published ? $"{published.Average:0.0} / {published.Forgetting?.ToString("0.0") ?? "–"}" : "–",
            row.Seconds is { } seconds ? $"{seconds:0}" : "–",
            row.Changes.Count == 0 ? row.Runs[0].Spec.Hash : $"{row.Runs[0].Spec.Hash}: {string.Join(", ", row.Changes)}",
        ];
    }
}
