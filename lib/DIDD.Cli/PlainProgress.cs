using System.Text.RegularExpressions;

namespace DIDD.Cli;

/// <summary>What a run is and will be in words, and back.</summary>
internal static partial class PlainProgress
{
    public static string Describe(RunProgress progress)
    {
        var stage = progress.Average is { } average ? $"A_t {average:0.0} %"
            : progress.Evaluating ? $"evaluates, epoch {progress.Step} of {progress.Steps}"
            : $"distils, iteration {progress.Step} of {progress.Steps}, L_plastic {progress.Loss:0.00000}";
        return $"domain {progress.Domain + 1} of {progress.Domains}: {stage}{(progress.Remaining is { } time ? $", {SweepProgress.Time(time)} left" : "")}";
    }

    /// <summary>The line that says what a run will take.</summary>
    public static string Describe(RunEstimate estimate) => $"{estimate}{(estimate.Time is { } time ? $" and about {SweepProgress.Time(time)} (hours:minutes:seconds)" : "")}";

    /// <summary>The time left of which a line of a run tells; null where it tells none.</summary>
    public static TimeSpan? TimeLeft(string line)
    {
        var told = Told().Match(line);
        double Part(string name) => double.Parse(told.Groups[name].Value, CultureInfo.InvariantCulture);
        return told.Success ? TimeSpan.FromHours(Part("hours")) + TimeSpan.FromMinutes(Part("minutes")) + TimeSpan.FromSeconds(Part("seconds")) : null;
    }

    [GeneratedRegex("(?<hours>[0-9]+):(?<minutes>[0-9]{2}):(?<seconds>[0-9]{2}) (left|\\(hours:minutes:seconds\\))$")]
    private static partial Regex Told();
}
