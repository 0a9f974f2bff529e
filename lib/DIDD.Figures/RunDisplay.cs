using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DIDD.Experiments;

namespace DIDD.Figures;

/// <summary>
/// Shows in a notebook how far a run is while a cell computes it, at most once a second and with the images as they are; gone when the run is done, so that
/// outputs are the same whether a run was computed or found. Notebooks of all engines are asked by the name of their <c>display</c>; elsewhere nothing is shown.
/// </summary>
internal sealed class RunDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly RunSpec _spec;
    private readonly Func<object, Action<object>?> _show;
    private readonly Func<TimeSpan> _now;
    private Action<object>? _update;
    private TimeSpan? _next = TimeSpan.Zero;
    private RunView? _last;

    /// <param name="spec">What is computed.</param>
    /// <param name="show">Shows a value in the cell that runs and gives what replaces it; null where nothing can be shown.</param>
    /// <param name="now">Time, from any start.</param>
    internal RunDisplay(RunSpec spec, Func<object, Action<object>?> show, Func<TimeSpan> now) => (_spec, _show, _now) = (spec, show, now);

    /// <summary>Takes a progress.</summary>
    public void Report(RunProgress progress)
    {
        if (_next is not { } next || _now() < next)
            return;
        var view = RunView.Of(_spec, progress, _last?.Picture ?? "");
        if (_update is null)
            _update = _show(view);
        else
            _update(view);
        _last = view;
        _next = _update is null ? null : _now() + Interval;
    }

    /// <summary>Takes the end: what is shown goes where the run is done, and stays, as stopped, where it is not.</summary>
    public void End(bool done) => _update?.Invoke(done ? RunView.Nothing : _last!.Stopped());

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Runs must show themselves without a registration call in the notebook.")]
    internal static void WatchRuns() => RunWatcher.Host = spec =>
    {
        var clock = Stopwatch.StartNew();
        var display = new RunDisplay(spec, NotebookDisplay.Show, () => clock.Elapsed);
        // The token of the cell that runs, where the host has one: data of the application domain, so that neither side references the other.
        return new RunWatcher(display.Report, display.End, AppContext.GetData("DIDD.Interrupt") is CancellationToken interrupt ? interrupt : default);
    };
}
