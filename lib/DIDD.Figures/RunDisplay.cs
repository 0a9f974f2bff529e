using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace DIDD.Figures;

/// <summary>
/// Shows in a notebook how far a run is while a cell computes it, at most once a second and with the images as they are; gone when the run is done, so that
/// outputs are the same whether a run was computed or found. Notebooks of all engines are asked by the name of their <c>display</c>; elsewhere nothing is shown.
/// </summary>
/// <param name="spec">What is computed.</param>
/// <param name="show">Shows a value in the cell that runs and gives what replaces it; null where nothing can be shown.</param>
/// <param name="now">Time, from any start.</param>
internal sealed class RunDisplay(RunSpec spec, Func<object, Action<object>?> show, Func<TimeSpan> now)
{
    private const string Interactive = "Microsoft.DotNet.Interactive";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private Action<object>? _update;
    private TimeSpan? _next = TimeSpan.Zero;
    private RunView? _last;

    /// <summary>Takes a progress.</summary>
    public void Report(RunProgress progress)
    {
        if (_next is not { } next || now() < next)
            return;
        var view = RunView.Of(spec, progress, _last?.Picture ?? "");
        if (_update is null)
            _update = show(view);
        else
            _update(view);
        _last = view;
        _next = _update is null ? null : now() + Interval;
    }

    /// <summary>Takes the end: what is shown goes where the run is done, and stays, as stopped, where it is not.</summary>
    public void End(bool done) => _update?.Invoke(done ? RunView.Nothing : _last!.Stopped());

    /// <summary>
    /// Shows a value among the outputs of the cell that runs, by an assembly of .NET Interactive that is found at run time, since this library runs without a notebook as well. It is
    /// asked through the invocation of the cell, since the shorter <c>Display()</c> returns a handle whose updates are lost.
    /// </summary>
    /// <returns>What shows another value in its place; null where there is no notebook.</returns>
    internal static Action<object>? Show(object value)
    {
        var assembly = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == Interactive);
        if (assembly?.GetType($"{Interactive}.KernelInvocationContext") is not { } type || type.GetProperty("Current")!.GetValue(null) is not { } cell)
            return null;
        var display = assembly.GetType($"{Interactive}.KernelInvocationContextExtensions")!.GetMethod("Display", [type, typeof(object), typeof(string[])])!;
        var shown = display.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [cell, value, Array.Empty<string>()], null)!;
        return shown.GetType().GetMethod("Update", [typeof(object)])!.CreateDelegate<Action<object>>(shown);
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Runs must show themselves without a registration call in the notebook.")]
    internal static void WatchRuns() => RunWatcher.Host = spec =>
    {
        var clock = Stopwatch.StartNew();
        var display = new RunDisplay(spec, Show, () => clock.Elapsed);
        // The token of the cell that runs, where the host has one: data of the application domain, so that neither side references the other.
        return new RunWatcher(display.Report, display.End, AppContext.GetData("DIDD.Interrupt") is CancellationToken interrupt ? interrupt : default);
    };
}
