namespace DIDD.Cli;

/// <summary><c>didd data</c>: what data sets there are, where they come from, and whether they are whole.</summary>
internal static class DataCommand
{
    private static readonly string Names = string.Join(", ", DataSetInfo.All.Select(set => set.Name));

    public static Command Create() => new("data", "Data sets: what there is, preparing, verifying, showing, fetching.") { List(), Prepare(), Verify(), Show(), Fetch() };

    private static Option<string?> Root() => new("--data") { Description = $"Folder of the data sets; else {DataFolder.Variable}, else data/ of the repository." };

    private static Argument<string> Name() => new("name") { Description = $"One of {Names}." };

    private static Command List()
    {
        var data = Root();
        var command = new Command("list", "All data sets, and how to get those that are not here.") { data };
        command.SetAction(parsed =>
        {
            var root = parsed.GetValue(data);
            foreach (var set in DataSetInfo.All)
                Console.WriteLine(set.Present(root) is { } folder ? $"{set.Name,-15} {set.What}; {folder}; licence: {set.Licence}" : set.Missing(root).Message);
        });
        return command;
    }

    private static Command Prepare()
    {
        var (name, data) = (Name(), Root());
        var from = new Option<string>("--from") { Description = "Folder with the owners' files.", Required = true };
        var size = new Option<int>("--size") { Description = "Height and width in pixels, 32 or 64.", DefaultValueFactory = _ => 32 };
        var command = new Command("prepare", "Decodes a data set's pictures once; what was stopped goes on with the same command.") { name, from, size, data };
        command.SetAction(Stoppable.Action((parsed, cancellation) =>
        {
            (string Path, IReadOnlyList<string> Warnings) Work(Action<int, int> report) => DataPreparation.Prepare(
                parsed.GetRequiredValue(name), Path.GetFullPath(parsed.GetRequiredValue(from)), parsed.GetRequiredValue(size), parsed.GetValue(data), report, cancellation);
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var images = 0;
            var (path, warnings) = WithProgress("decoding", report => Work((done, all) => report(images = done, all)));
            foreach (var warning in warnings)
                Console.Error.WriteLine($"warning: {warning}");
            Console.WriteLine($"{path}: {images} images in {clock.Elapsed.TotalSeconds:0.0} s");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Verify()
    {
        var name = new Argument<string?>("name") { Description = $"One of {Names}; all that are here by default.", Arity = ArgumentArity.ZeroOrOne };
        var data = Root();
        var size = new Option<int>("--size") { Description = "Height and width in pixels, such as 32 or 64; the set's own by default." };
        var command = new Command("verify", "Reads data sets with their checksums and compares the number of images with the published one; exit code 1 if one deviates.") { name, size, data };
        command.SetAction(parsed =>
        {
            var root = parsed.GetValue(data);
            var sets = parsed.GetValue(name) is { } named ? [DataSetInfo.Of(named)] : DataSetInfo.All.Where(set => set.Present(root) is not null).ToList();
            if (sets.Count == 0)
                throw new DataSetException("no data set is here; `didd data list` says where each comes from");
            var good = true;
            foreach (var set in sets)
            {
                try
                {
                    good &= Report(set.Name, DataVerification.Verify(set.Name, root, parsed.GetValue(size)));
                }
                catch (DataSetException e) when (sets.Count > 1)
                {
                    Console.WriteLine($"{set.Name}: FAILED: {e.Message}");
                    good = false;
                }
            }
            return good ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static bool Report(string name, DataReport report)
    {
        Console.WriteLine($"{name}: {(report.Deviations.Count == 0 ? "ok" : "DEVIATES")}");
        foreach (var domain in report.Domains)
            Console.WriteLine($"  {domain.Domain,-13} {domain.Train.Sum(),6} / {domain.Test.Sum(),5}   per class {string.Join(' ', domain.Train)} / {string.Join(' ', domain.Test)}");
        foreach (var deviation in report.Deviations)
            Console.WriteLine($"  deviation: {deviation}");
        return report.Deviations.Count == 0;
    }

    private static Command Show()
    {
        var (name, data) = (Name(), Root());
        var output = new Option<string>("--out") { Description = "The PNG to write.", Required = true };
        var size = new Option<int>("--size") { Description = "Height and width in pixels, such as 32 or 64; the set's own by default." };
        var command = new Command("show", "Draws a sheet: a row per domain, a column per class.") { name, output, size, data };
        command.SetAction(parsed =>
        {
            using var stream = Streams.Open(DataVerification.Whole(parsed.GetRequiredValue(name), parsed.GetValue(size)), parsed.GetValue(data));
            var path = Path.GetFullPath(parsed.GetRequiredValue(output));
            DomainSheet.Save(path, stream);
            Console.WriteLine($"rows: {string.Join(", ", stream.Domains)}\ncolumns: {string.Join(", ", stream.Classes)}\n{path}");
        });
        return command;
    }

    private static Command Fetch()
    {
        var (name, data) = (Name(), Root());
        var file = new Option<string?>("--file") { Description = "One of the files, such as core50_32x32.zip; all by default." };
        var command = new Command("fetch", "Downloads what the owners publish, over HTTPS; a file appears only when its checksum is right. What was stopped goes on with the same command.") { name, file, data };
        command.SetAction(Stoppable.Action((parsed, cancellation) =>
        {
            var set = DataSetInfo.Of(parsed.GetRequiredValue(name));
            var only = parsed.GetValue(file);
            var files = set.Files.Where(f => only is null || f.Name == only).ToList();
            if (files.Count == 0)
                throw new SpecException(only is null ? $"{set.Name}: no file to fetch; {set.Owners}. {set.Put}" : $"--file {only}: choose one of {string.Join(", ", set.Files.Select(f => f.Name))}");
            using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
            var fetcher = new FileFetcher(client);
            foreach (var published in files)
                Console.WriteLine(WithProgress(published.Name, report => fetcher.FetchAsync(
                    published, set.Home(parsed.GetValue(data)), (done, all) => report(done, all ?? Math.Max(done, 1)), cancellation).GetAwaiter().GetResult()));
            if (files.Exists(f => f.Name.EndsWith(".zip", StringComparison.Ordinal)))
                Console.WriteLine($"unpack it there, then: didd data prepare {set.Name} --from {set.Home(parsed.GetValue(data))}");
            return ExitCode.Done;
        }));
        return command;
    }

    // A bar on a terminal; otherwise a line every ten seconds.
    private static T WithProgress<T>(string title, Func<Action<long, long>, T> work)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
            return AnsiConsole.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
            {
                var task = context.AddTask(Markup.Escape(title));
                return work((done, all) => (task.MaxValue, task.Value) = (all, done));
            });
        var next = Environment.TickCount64 + 10_000;
        return work((done, all) =>
        {
            var due = Interlocked.Read(ref next);
            if (Environment.TickCount64 >= due && Interlocked.CompareExchange(ref next, Environment.TickCount64 + 10_000, due) == due)
                Console.WriteLine($"{title}: {done} of {all}");
        });
    }
}
