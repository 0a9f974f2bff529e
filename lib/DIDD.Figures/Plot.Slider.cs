using Newtonsoft.Json;

namespace DIDD.Figures;

public static partial class Plot
{
    private const int SliderRoom = 92;

    /// <summary>
    /// Figures of one kind behind each other, with a slider under them, such as the synthetic set after each domain. The first is seen first.
    /// </summary>
    /// <param name="title">The title.</param>
    /// <param name="steps">At least two figures, alike in kind, axes and size: give their axes the same ranges and labels.</param>
    /// <param name="prefix">What the steps are, shown before the current label, such as <c>domain</c>.</param>
    /// <param name="caption">The sentence under the figure.</param>
    /// <exception cref="ArgumentException">Fewer than two steps, or figures whose axes or sizes differ.</exception>
    public static Figure Slider(string title, IReadOnlyList<SliderStep> steps, string prefix = "", string caption = "")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        if (steps.Count < 2)
            throw new ArgumentException($"There are {steps.Count} steps; a slider needs at least two: show a single figure as it is.");
        var first = steps[0].Figure;
        if (steps.FirstOrDefault(step => Shape(step.Figure) != Shape(first)) is { } other)
            throw new ArgumentException($"The axes or the size of step '{other.Label}' differ from those of '{steps[0].Label}'; give all steps the same labels, ranges and sizes.");
        var owners = steps.SelectMany((step, i) => step.Figure.Traces.Select(_ => i)).ToArray();
        var traces = steps.SelectMany((step, i) => step.Figure.Traces
            .Select(trace => TraceOf(trace.type, new Node(trace.Properties!) { ["visible"] = i == 0 }))).ToArray();
        var layout = Theme.Retitle(first.Layout, title);
        var margin = new Node((Node)layout["margin"]!);
        var below = (int)margin["b"]!;
        margin["b"] = below + SliderRoom;
        layout["margin"] = margin;
        layout["height"] = (int)layout["height"]! + SliderRoom;
        layout["sliders"] = new object[]
        {
            new Node
            {
                ["active"] = 0,
                ["x"] = 0,
                ["len"] = 1,
                ["y"] = 0,
                ["yanchor"] = "top",
                ["pad"] = new Node { ["t"] = below },
                ["currentvalue"] = new Node { ["prefix"] = prefix.Length == 0 ? "" : Labels.Encode(prefix) + " ", ["xanchor"] = "left" },
                ["bordercolor"] = Theme.Text,
                ["bgcolor"] = Theme.Grid,
                ["tickcolor"] = Theme.Text,
                ["steps"] = steps.Select((step, i) => new Node
                {
                    ["label"] = Labels.Encode(step.Label),
                    ["method"] = "restyle",
                    ["args"] = new object[] { new Node { ["visible"] = owners.Select(owner => owner == i).ToArray() } },
                }).ToArray(),
            },
        };
        return new Figure(title, caption, traces, layout);
    }

    /// <summary>All that must be equal for figures to lie behind each other.</summary>
    private static string Shape(Figure figure) =>
        JsonConvert.SerializeObject((figure.Layout["xaxis"], figure.Layout["yaxis"], figure.Layout.GetValueOrDefault("width")));
}
