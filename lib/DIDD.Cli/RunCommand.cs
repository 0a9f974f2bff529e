using System.CommandLine;
using System.Security.Cryptography;
using DIDD.Experiments;
using Spectre.Console;

namespace DIDD.Cli;

/// <summary><c>didd run</c>: one run, from its settings to its folder.</summary>
internal static class RunCommand
{
    private const double LongestInterval = 1e6;

    public static Command Create()
    {
        var options = new SpecOptions(Learners.Names);
        var file = new Argument<string?>("spec") { Description = "A run's spec.json to start from, in place of a profile.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--out") { Description = "Folder of the run; out/runs/<name> by default. A run that was stopped goes on there." };
        var checkpoint = new Option<double>("--checkpoint")
        {
            Description = "Seconds from one checkpoint to the next; 0 for every iteration. A run that is killed goes on at its last one, and ends with the same bytes.",
            DefaultValueFactory = _ => 60,
            HelpName = "seconds",
        };
        var untilInputEnds = new Option<bool>("--until-input-ends") { Description = "Stops when the standard input ends, as it does when the program that started this one has ended.", Hidden = true };
        var command = new Command("run", "Distils a domain stream and evaluates the set after every domain.") { file, output, checkpoint, untilInputEnds };
        options.AddTo(command);
        // On another thread: Ctrl-C is listened to once the action has returned its task.
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var spec = options.Spec(parsed, parsed.GetValue(file));
            var folder = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine("out", "runs", spec.Name));
            var runner = new Runner(spec, folder, options.Data(parsed), options.Device(parsed)) { CheckpointEvery = Interval(parsed.GetRequiredValue(checkpoint)), Warn = Warn };
            Console.WriteLine($"{spec.Name} → {folder}");
            Report(Execute(runner, parsed.GetValue(untilInputEnds) ? InputEnd.Or(cancellation) : cancellation));
            return ExitCode.Done;
        }));
        return command;
    }

    private static TimeSpan Interval(double seconds) => seconds is >= 0 and <= LongestInterval
        ? TimeSpan.FromSeconds(seconds)
        : throw new SpecException($"--checkpoint {seconds}: must be between 0 and {LongestInterval} seconds");

    private static void Warn(string problem) => Console.Error.WriteLine($"warning: {problem}");

    private static Run Execute(Runner runner, CancellationToken cancellation)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return runner.Execute(new PlainProgress(TimeSpan.FromSeconds(10)).Report, cancellation);
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var task = context.AddTask("starting", maxValue: 1);
                return runner.Execute(
                    progress =>
                    {
                        task.Value = progress.Fraction;
                        task.Description = Markup.Escape(PlainProgress.Describe(progress));
                    },
                    cancellation);
            });
    }

    private static void Report(Run run)
    {
        var accuracy = run.Accuracy;
        Console.WriteLine($"A_T {accuracy.Average:0.0} %   F_T {accuracy.Forgetting?.ToString("0.0") ?? "–"}   "
            + $"{string.Join("   ", accuracy.Segments().Select(s => $"domains {s.First}–{s.Last}: {s.Mean:0.0} %"))}");
        if (run.Budget > 1)
            Console.WriteLine($"budget: {run.Budget} times the images of a run with {run.Spec.Ipc} stored image(s) per class");
        var set = Directory.GetFiles(run.Folder, "domain-*.safetensors").Order(StringComparer.Ordinal).Last();
        Console.WriteLine($"{Path.GetFileName(set)} SHA-256 {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(set)))}");
        if (run.Environment() is { } environment)
            Console.WriteLine($"{environment.Seconds:0.0} s on {environment.Processor}, {environment.Device}, {environment.Threads} threads");
    }
}
