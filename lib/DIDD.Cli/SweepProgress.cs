using Spectre.Console.Rendering;

namespace DIDD.Cli;

/// <summary>What a sweep shows: a table that is drawn anew on a terminal, else a line for every change and one a minute.</summary>
internal static class SweepProgress
{
    private const int FailuresShown = 3;
    private static readonly SweepState[] States = [SweepState.Done, SweepState.Failed, SweepState.Running, SweepState.Elsewhere, SweepState.Waiting];
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(0.5), Line = TimeSpan.FromMinutes(1);

    /// <summary>Executes a sweep and shows it.</summary>
    public static Task ExecuteAsync(SweepRunner sweep, int workers, CancellationToken cancellation) =>
        AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? WithTable(sweep, workers, cancellation) : WithLines(sweep, workers, cancellation);

    /// <summary>Hours, minutes and seconds; hours may be more than a day's.</summary>
    public static string Time(TimeSpan time) => $"{(int)time.TotalHours}:{time:mm\\:ss}";

    /// <summary>How many cells are in which state.</summary>
    public static string Counts(SweepRunner sweep) => string.Join(", ", States
        .Where(state => state is SweepState.Done or SweepState.Failed || sweep.Count(state) > 0).Select(state => $"{sweep.Count(state)} {Word(state)}"));

    /// <summary>A state in words.</summary>
    public static string Word(SweepState state) => state == SweepState.Elsewhere ? "running elsewhere" : state.ToString().ToLowerInvariant();

    private static async Task WithLines(SweepRunner sweep, int workers, CancellationToken cancellation)
    {
        var states = new Dictionary<SweepCell, SweepState>();
        var work = sweep.ExecuteAsync(workers, Changed, cancellation);
        var (told, next) = (false, Line);
        while (await Task.WhenAny(work, Task.Delay(Redraw, CancellationToken.None)) != work)
        {
            // One as soon as the time left is known.
            if (sweep.Elapsed < next && (told || sweep.Remaining is null))
                continue;
            Console.WriteLine(Status(sweep));
            (told, next) = (told || sweep.Remaining is not null, sweep.Elapsed + Line);
        }
        await work;

        void Changed(SweepCell cell)
        {
            if (states.TryGetValue(cell, out var known) && known == cell.State)
                return;
            states[cell] = cell.State;
            if (cell.State == SweepState.Done && cell.Elapsed == TimeSpan.Zero)
                return;
            Console.WriteLine($"{Word(cell.State)}: {cell.Spec.Name}{(cell.Elapsed > TimeSpan.Zero && cell.State != SweepState.Running ? $" ({Time(cell.Elapsed)})" : "")}{(cell.Message.Length > 0 ? $": {cell.Message}" : "")}");
        }
    }

    private static Task WithTable(SweepRunner sweep, int workers, CancellationToken cancellation) => AnsiConsole.Live(Draw(sweep)).StartAsync(async context =>
    {
        var work = sweep.ExecuteAsync(workers, cancellation: cancellation);
        while (await Task.WhenAny(work, Task.Delay(Redraw, CancellationToken.None)) != work)
            context.UpdateTarget(Draw(sweep));
        context.UpdateTarget(Draw(sweep));
        await work;
    });

    private static Rows Draw(SweepRunner sweep)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("run", "state", "time", "").Expand();
        var shown = sweep.Cells.Where(cell => cell.State == SweepState.Running).Concat(sweep.Cells.Where(cell => cell.State == SweepState.Failed).TakeLast(FailuresShown));
        foreach (var cell in shown)
            table.AddRow(new Text(cell.Spec.Name), new Text(Word(cell.State)), new Text(Time(cell.Elapsed)), new Text(cell.Message) { Overflow = Overflow.Ellipsis });
        return new Rows((IRenderable)table, new Text(Status(sweep)));
    }

    private static string Status(SweepRunner sweep) =>
        $"{Counts(sweep)}; {Time(sweep.Elapsed)} gone{(sweep.Remaining is { } remaining ? $", about {Time(remaining)} left" : "")}";
}
