using Plotly.NET;

namespace DIDD.Figures;

public static partial class Plot
{
    /// <summary>Curves, each with a band around it where its series has one.</summary>
    /// <param name="title">The title.</param>
    /// <param name="series">The curves, in the legend's order.</param>
    /// <param name="x">The x axis.</param>
    /// <param name="y">The y axis.</param>
    /// <param name="markers">Whether points are marked, for curves of few points.</param>
    /// <param name="caption">The sentence under the figure.</param>
    /// <exception cref="ArgumentException">No series, lists of different lengths, half a band, no finite value, or an impossible range.</exception>
    public static Figure Lines(string title, IReadOnlyList<Series> series, Axis x, Axis y, bool markers = false, string caption = "") =>
        Curves(title, series, x, y, markers ? "lines+markers" : "lines", caption);

    /// <summary>Clouds of points.</summary>
    /// <inheritdoc cref="Lines" path="/param|/exception"/>
    public static Figure Points(string title, IReadOnlyList<Series> series, Axis x, Axis y, string caption = "") =>
        Curves(title, series, x, y, "markers", caption);

    private static Figure Curves(string title, IReadOnlyList<Series> series, Axis x, Axis y, string mode, string caption)
    {
        Check.NotEmpty(series, "series", "give at least one");
        var traces = new List<Trace>();
        for (var i = 0; i < series.Count; i++)
        {
            var one = series[i];
            one.Validate();
            var colour = one.Colour ?? Theme.Colour(i);
            if (one.Low is not null && one.High is not null)
                traces.AddRange(Band(one, i, colour));
            traces.Add(Curve(one, i, colour, mode, x, y));
        }

        var places = series.SelectMany(one => one.X).ToArray();
        var (xAxis, yAxis) = (x.Build(places), y.Build(series.SelectMany(one => one.Y)));
        if (!x.Logarithmic && places.All(double.IsInteger))
            xAxis["tickformat"] = "d";
        if (!x.Logarithmic && places.All(double.IsInteger) && places.Max() - places.Min() <= 20)
        {
            xAxis["dtick"] = 1;
            if (x.Range is null)
                xAxis["range"] = new[] { places.Min() - 0.5, places.Max() + 0.5 };
        }
        var layout = Theme.Layout(title, xAxis, yAxis, plotHeight: 320, tickWidth: 46);
        layout["showlegend"] = series.Count > 1;
        return new Figure(title, caption, traces, layout);
    }

    private static Trace Curve(Series series, int index, string colour, string mode, Axis x, Axis y)
    {
        var curve = TraceOf("scatter", new Node
        {
            // Two points make no course: a line between them would say one.
            ["mode"] = mode == "lines+markers" && series.Y.Count(double.IsFinite) <= 2 ? "markers" : mode,
            ["name"] = Labels.Encode(series.Name),
            ["legendgroup"] = $"{index}",
            ["x"] = Numbers.Compact(series.X),
            ["y"] = Numbers.Compact(series.Y),
            ["line"] = new Node { ["color"] = colour, ["width"] = 2, ["dash"] = series.Dashed ? "dash" : "solid" },
            ["marker"] = new Node { ["color"] = colour, ["size"] = 6, ["opacity"] = mode == "markers" ? 0.7 : 1 },
            ["hovertemplate"] = (series.Hover is null ? "" : "%{text}<br>")
                + $"{Labels.ForTemplate(x.Title)}: %{{x}}{x.Suffix}<br>{Labels.ForTemplate(y.Title)}: %{{y:.4g}}{y.Suffix}",
        });
        if (series.Hover is not null)
            curve.SetProperty("text", Labels.Encode(series.Hover));
        return curve;
    }

    /// <summary>One closed outline for each stretch without gaps: forth along the upper edge, back along the lower one.</summary>
    private static IEnumerable<Trace> Band(Series series, int index, string colour)
    {
        var (outlineX, outlineY) = (new List<object?>(), new List<object?>());
        var start = 0;
        for (var i = 0; i <= series.Y.Count; i++)
        {
            if (i < series.Y.Count && double.IsFinite(series.Low![i]) && double.IsFinite(series.High![i]))
                continue;
            var stretch = Enumerable.Range(start, i - start).ToArray();
            start = i + 1;
            if (stretch.Length == 0)
                continue;
            if (outlineX.Count > 0)
            {
                outlineX.Add(null);
                outlineY.Add(null);
            }

            outlineX.AddRange(stretch.Concat(stretch.Reverse()).Select(at => Numbers.Compact(series.X[at])));
            outlineY.AddRange(stretch.Select(at => Numbers.Compact(series.High![at])).Concat(stretch.Reverse().Select(at => Numbers.Compact(series.Low![at]))));
        }

        yield return TraceOf("scatter", new Node
        {
            ["mode"] = "lines",
            ["legendgroup"] = $"{index}",
            ["showlegend"] = false,
            ["x"] = outlineX,
            ["y"] = outlineY,
            ["fill"] = "toself",
            ["fillcolor"] = Theme.Faint(colour, 0.2),
            ["line"] = new Node { ["width"] = 0 },
            ["hoverinfo"] = "skip",
        });
    }
}
