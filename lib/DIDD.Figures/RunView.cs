namespace DIDD.Figures;

/// <summary>A moment of a run as notebooks show it: a line, a bar, and the images.</summary>
/// <param name="Text">Which run, and where it stands; empty where nothing is to be seen.</param>
/// <param name="Fraction">Share of the work that is done, in [0,1].</param>
/// <param name="Picture">The images as an <c>img</c>; empty for none.</param>
[TypeFormatterSource(typeof(RunViewFormatters), PreferredMimeTypes = [HtmlFormatter.MimeType, PlainTextFormatter.MimeType])]
internal sealed record RunView(string Text, double Fraction, string Picture)
{
    private const int MostImages = 20;
    private const int ImageHeight = 56;

    /// <summary>Nothing to be seen.</summary>
    public static RunView Nothing { get; } = new("", 0, "");

    /// <summary>The moment as HTML.</summary>
    public string Html => Text.Length == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"<div class=\"didd-run\"><p>{WebUtility.HtmlEncode(Text)}</p><progress value=\"{Fraction:0.###}\" style=\"width:min(100%,480px)\"></progress>{Picture}</div>");

    /// <summary>A moment; where there is nothing new to see, the picture before stays.</summary>
    public static RunView Of(RunSpec spec, RunProgress progress, string before)
    {
        var stage = progress.Evaluating ? $"evaluation, epoch {progress.Step} of {progress.Steps}"
            : string.Create(CultureInfo.InvariantCulture, $"iteration {progress.Step} of {progress.Steps}, L_plastic {progress.Loss:0.00000}");
        var left = progress.Remaining is { } time ? $", about {Left(time)} left" : "";
        return new(
            $"{RunFigures.RuleName(spec.Rule)}, {spec.Dataset}, IPC {spec.Ipc}, profile {spec.Profile}, seed {spec.Seed}: domain {progress.Domain + 1} of {progress.Domains}, {stage}{left}",
            Math.Clamp(progress.Fraction, 0, 1), Images(progress) ?? before);
    }

    /// <summary>The same moment, at which the run was stopped.</summary>
    public RunView Stopped() => this with { Text = $"{Text.Split(", about ")[0]}: stopped" };

    // The first stored image of every class.
    private static string? Images(RunProgress progress)
    {
        using var set = progress.Look?.Invoke();
        if (set is null)
            return null;
        var pictures = RunFigures.Pictures(set.Images);
        var shown = Enumerable.Range(0, Math.Min(set.Classes, MostImages)).Select(c => pictures[c * set.Ipc]).ToList();
        var png = Convert.ToBase64String(Plot.EncodeSheet(shown, set.Shape.Height, set.Shape.Width, set.Shape.Channels, shown.Count, 1));
        return $"<p><img alt=\"the first image of every class\" style=\"image-rendering:pixelated;height:{ImageHeight}px;max-width:100%\" src=\"data:image/png;base64,{png}\"></p>";
    }

    private static string Left(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture)} s";
}
