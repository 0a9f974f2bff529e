using System.Diagnostics;
using System.Security.Cryptography;

namespace DIDD.Cli;

/// <summary><c>didd run</c>: one run, from its settings to its folder.</summary>
internal static class RunCommand
{
    private const double LongestCheckpoint = 1e6;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(2), Interval = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var (options, place) = (new SpecOptions(Learners.Names), new PlaceOptions());
        var file = new Argument<string?>("spec") { Description = "A run's spec.json to start from, in place of a profile.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--out") { Description = "Folder of the run; out/runs/<name> of the repository by default. A run that was stopped goes on there." };
        var checkpoint = new Option<double>("--checkpoint") { Description = "Seconds from one checkpoint to the next; 0 for every iteration. A run that is killed goes on at its last one, and ends with the same bytes.", DefaultValueFactory = _ => 60, HelpName = "seconds" };
        var classes = new Option<string?>("--classes") { Description = "Distils these classes alone, from the first to the last, counted from 0; out/runs/<name>-classes-<a>-<b> by default. `didd merge` joins the shards and evaluates.", HelpName = "a-b" };
        var setsOf = new Option<string?>("--sets-of") { Description = "Evaluates the sets of this finished run in place of distilling; the settings may differ in evaluation.* alone. Its spec.json is where to start from.", HelpName = "run" };
        var threads = new Option<int?>("--threads") { Description = "Threads of libtorch; as many as processors by default." };
        var force = Force();
        var untilInputEnds = new Option<bool>("--until-input-ends") { Description = "Stops when the standard input ends, as it does when the program that started this one has ended.", Hidden = true };
        var command = new Command("run", "Distils a domain stream and evaluates the set after every domain.") { file, output, checkpoint, classes, setsOf, threads, force, untilInputEnds };
        options.AddTo(command);
        place.AddTo(command);
        command.SetAction(Stoppable.Action((parsed, cancellation) =>
        {
            var spec = options.Spec(parsed, parsed.GetValue(file));
            if (parsed.GetValue(threads) is { } number)
                ComputeDevice.UseThreads(number);
            var (data, device, every) = (place.Data(parsed), place.Device(parsed), Checkpoint(parsed.GetRequiredValue(checkpoint)));
            var range = parsed.GetValue(classes) is { } text ? ClassRange.Parse(text) : (ClassRange?)null;
            var name = range is { } part ? Shard.NameOf(spec, part) : spec.Name;
            var folder = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(RunStore.OutputFolder, name));
            var stop = parsed.GetValue(untilInputEnds) ? OrEndOfInput(cancellation) : cancellation;
            Console.WriteLine($"{name} → {folder}");
            var taken = parsed.GetValue(setsOf) is { } other ? Run.Open(Path.GetFullPath(other)) : null;
            if (range is not null && taken is not null)
                throw new SpecException("--classes and --sets-of: give one of them; a run whose sets are taken distils nothing");
            if (range is { } shard)
            {
                var runner = new ShardRunner(spec, shard, folder, data, device) { CheckpointEvery = every, Warn = Warn, Estimated = Announce, Force = parsed.GetValue(force) };
                var done = ShowProgress(progress => runner.Execute(progress, stop));
                Console.WriteLine($"classes {shard} are distilled; `didd merge` joins them with the others and evaluates");
                ReportSet(folder, done.Domains.Count - 1);
            }
            else
            {
                var runner = new Runner(spec, folder, data, device) { CheckpointEvery = every, Warn = Warn, Estimated = Announce, Force = parsed.GetValue(force), SetsOf = taken };
                Report(ShowProgress(progress => runner.Execute(progress, stop)));
            }
            return ExitCode.Done;
        }));
        return command;
    }

    // How a sweep stops its runs on every system, and why none outlives a sweep that was killed.
    private static CancellationToken OrEndOfInput(CancellationToken cancellation)
    {
        // Lives as long as the process: the thread that reads cannot be interrupted.
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            input.CopyTo(Stream.Null);
            source.Cancel();
        })
        { IsBackground = true, Name = "end of input" }.Start();
        return source.Token;
    }

    /// <summary>The option of all that compute runs.</summary>
    public static Option<bool> Force() => new("--force") { Description = "Goes on where more memory is needed than there is." };

    private static TimeSpan Checkpoint(double seconds) => seconds is >= 0 and <= LongestCheckpoint
        ? TimeSpan.FromSeconds(seconds)
        : throw new SpecException($"--checkpoint {seconds}: must be between 0 and {LongestCheckpoint} seconds");

    /// <summary>Says what a run will take.</summary>
    public static void Announce(RunEstimate estimate) => Console.WriteLine(PlainProgress.Describe(estimate));

    /// <summary>Says what is damaged and is computed again.</summary>
    public static void Warn(string problem) => Console.Error.WriteLine($"warning: {problem}");

    /// <summary>Does some work and shows its progress: a bar on a terminal, else a line after two seconds, then every ten and when a domain is done.</summary>
    public static T ShowProgress<T>(Func<Action<RunProgress>, T> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            var next = DateTime.UtcNow + FirstInterval;
            return work(progress =>
            {
                if (progress.Average is null && DateTime.UtcNow < next)
                    return;
                next = DateTime.UtcNow + Interval;
                Console.WriteLine(PlainProgress.Describe(progress));
            });
        }
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var task = context.AddTask("starting", maxValue: 1);
                return work(progress =>
                {
                    task.Value = progress.Fraction;
                    task.Description = Markup.Escape(PlainProgress.Describe(progress));
                });
            });
    }

    /// <summary>Says how a finished run ended.</summary>
    public static void Report(Run run)
    {
        var accuracy = run.Accuracy;
        Console.WriteLine($"A_T {accuracy.Average:0.0} %   F_T {accuracy.Forgetting?.ToString("0.0") ?? "–"}   "
            + $"{string.Join("   ", accuracy.Segments().Select(s => $"domains {s.First}–{s.Last}: {s.Mean:0.0} %"))}");
        if (run.Budget > 1)
            Console.WriteLine($"budget: {run.Budget} times the images of a run with {run.Spec.Ipc} stored image(s) per class");
        ReportSet(run.Folder, run.Accuracy.Domains - 1);
        if (run.Environment() is { } environment)
            Console.WriteLine($"{environment.Seconds:0.0} s on {environment.Processor}, {environment.Device}, {environment.Threads} threads; this process took {Process.GetCurrentProcess().PeakWorkingSet64 / (double)(1 << 30):0.0} GB at most");
    }

    // A recorded run has not always its set.
    private static void ReportSet(string folder, int domain)
    {
        var set = Run.SetPath(folder, domain);
        Console.WriteLine(File.Exists(set) ? $"{Path.GetFileName(set)} SHA-256 {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(set)))}" : $"{Path.GetFileName(set)} is not here: the run was recorded without it");
    }
}
