using Plotly.NET;

namespace DIDD.Figures;

/// <summary>Figures of plain arrays, in the project's <see cref="Theme"/>. Labels are shown as given, markup included.</summary>
public static partial class Plot
{
    private static Trace TraceOf(string type, Node attributes)
    {
        var trace = new Trace(type);
        foreach (var (name, value) in attributes)
            trace.SetProperty(name, value);
        return trace;
    }
}
