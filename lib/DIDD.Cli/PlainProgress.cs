using DIDD.Experiments;

namespace DIDD.Cli;

/// <summary>Progress as plain lines: one when a domain is done, and one every so often in between.</summary>
/// <param name="interval">Time between two lines.</param>
internal sealed class PlainProgress(TimeSpan interval)
{
    private DateTime _next = DateTime.UtcNow + interval;

    public static string Describe(RunProgress progress)
    {
        var stage = progress.Average is { } average ? $"A_t {average:0.0} %"
            : progress.Evaluating ? $"evaluates, epoch {progress.Step} of {progress.Steps}"
            : $"distils, iteration {progress.Step} of {progress.Steps}, L_plastic {progress.Loss:0.00000}";
        var remaining = progress.Remaining is { } time ? $", {(time.TotalHours >= 1 ? SweepProgress.Time(time) : $"{time:m\\:ss}")} left" : "";
        return $"domain {progress.Domain + 1} of {progress.Domains}: {stage}{remaining}";
    }

    public void Report(RunProgress progress)
    {
        if (progress.Average is null && DateTime.UtcNow < _next)
            return;
        _next = DateTime.UtcNow + interval;
        Console.WriteLine(Describe(progress));
    }
}
