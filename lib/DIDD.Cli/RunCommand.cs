using System.CommandLine;
using System.Security.Cryptography;
using DIDD.Experiments;
using Spectre.Console;

namespace DIDD.Cli;

/// <summary><c>didd run</c>: one run, from its settings to its folder.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var dataset = new Option<string>("--dataset") { Description = $"Data set: {string.Join(", ", Streams.ByName.Keys)}.", DefaultValueFactory = _ => "r-mnist" };
        var rule = new Option<string>("--rule") { Description = $"Update rule, or what stands for one: {string.Join(", ", Learners.Names)}.", DefaultValueFactory = _ => "asymmetric" };
        var ipc = new Option<int>("--ipc") { Description = "Stored images per class.", DefaultValueFactory = _ => 1 };
        var profile = new Option<string>("--profile") { Description = $"Starting point of the settings: {string.Join(", ", Profiles.Names)}.", DefaultValueFactory = _ => "smoke" };
        var seed = new Option<long>("--seed") { Description = "Seed of all draws.", DefaultValueFactory = _ => 0 };
        var set = new Option<string[]>("--set") { Description = "Changes a setting, such as distillation.iterations=500; as often as needed.", HelpName = "key=value" };
        var output = new Option<string?>("--out") { Description = "Folder of the run; out/runs/<name> by default. A run that was stopped goes on there." };
        var device = new Option<string>("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "auto" };
        var data = new Option<string?>("--data") { Description = "Folder of the data sets." };
        var command = new Command("run", "Distils a domain stream and evaluates the set after every domain.") { dataset, rule, ipc, profile, seed, set, output, device, data };
        // On another thread: Ctrl-C is listened to once the action has returned its task.
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var spec = Profiles.Spec(parsed.GetRequiredValue(profile), parsed.GetRequiredValue(dataset), parsed.GetRequiredValue(rule), parsed.GetRequiredValue(ipc), parsed.GetRequiredValue(seed));
            foreach (var assignment in parsed.GetValue(set) ?? [])
            {
                if (assignment.Split('=', 2) is not [var key, var value])
                    throw new SpecException($"--set {assignment}: expected key=value");
                spec = spec.With(key, value);
            }
            spec.Validate();
            var folder = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine("out", "runs", spec.Name));
            var runner = new Runner(spec, folder, parsed.GetValue(data), ComputeDevice.Open(parsed.GetRequiredValue(device)));
            Console.WriteLine($"{spec.Name} → {folder}");
            Report(Execute(runner, cancellation));
            return ExitCode.Done;
        }));
        return command;
    }

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
