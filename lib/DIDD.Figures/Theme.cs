namespace DIDD.Figures;

/// <summary>
/// The look of every figure: colours that colour-blind readers tell apart, transparent backgrounds and mid-grey text that read on light and dark pages,
/// fixed heights and margins, a width that follows the page.
/// </summary>
public static class Theme
{
    /// <summary>Colours of series, in order (Okabe and Ito 2008, with grey for black, which dark pages would hide, and yellow last).</summary>
    public static IReadOnlyList<string> Colours { get; } =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#F0E442"];

    /// <summary>The name of plotly.js's colour scale for amounts: perceptually uniform, the same to colour-blind readers, dark to light.</summary>
    public static string Sequential => "Cividis";

    /// <summary>The colour scale for signed values as (position in [0,1], colour): blue below zero, near white at zero, vermilion above.</summary>
    public static IReadOnlyList<(double Position, string Colour)> Diverging { get; } =
        [(0, "#00446B"), (0.25, "#4A9BCB"), (0.5, "#F7F7F7"), (0.75, "#E8894A"), (1, "#8A3D00")];

    /// <summary>
    /// The colour of every rule, in every figure: Okabe and Ito's for the rules that stand beside each other most, Tol's muted ones (2021) for the others. A fact of a rule, not of
    /// its place in a figure.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Rules { get; } = new Dictionary<string, string>
    {
        ["finetune"] = "#D55E00",
        ["stable"] = "#0072B2",
        ["linear"] = "#CC79A7",
        ["asymmetric"] = "#009E73",
        ["consolidated"] = "#E69F00",
        ["reservoir"] = "#56B4E9",
        ["partition"] = "#A99A2B",
        ["ewc"] = "#AA4499",
        ["mas"] = "#88627A",
        ["lwf"] = "#6B6BC8",
        ["lf"] = "#44AA99",
        ["random"] = "#B07D4F",
        ["herding"] = "#8C8C3C",
        ["distill-gather"] = "#CC6677",
        ["joint"] = "#8A8A8A",
    };

    /// <summary>The colour of a rule; that of its family where it is one of joint learning, grey where it is none of these.</summary>
    public static string Rule(string rule) => Rules.GetValueOrDefault(rule.StartsWith("joint", StringComparison.Ordinal) ? "joint" : rule, Text);

    internal static object[][] DivergingScale() => [.. Diverging.Select(stop => new object[] { stop.Position, stop.Colour })];

    /// <summary>Colour of text and axes: 4:1 contrast on white and on near black.</summary>
    public static string Text => "#7A7A7A";

    /// <summary>Colour of grid lines.</summary>
    public static string Grid => "rgba(127,127,127,0.25)";

    /// <summary>Font of all text.</summary>
    public static string Font => "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";

    internal const int TitleColumns = 80, CaptionColumns = 90, CaptionLine = 17, CaptionWidth = 640;
    private const int TitleLine = 21, LabelLine = 16, MostLabelLines = 5, MostSide = 168, AxisTitle = 24, TickLine = 22;

    /// <summary>The colour at a place of the cycle.</summary>
    internal static string Colour(int index) => Colours[index % Colours.Count];

    /// <summary>The same colour, see-through.</summary>
    internal static string Faint(string colour, double alpha) =>
        FormattableString.Invariant($"rgba({Convert.ToByte(colour[1..3], 16)},{Convert.ToByte(colour[3..5], 16)},{Convert.ToByte(colour[5..7], 16)},{alpha})");

    internal static Node Axis(string title) => new()
    {
        ["title"] = new Node { ["text"] = Labels.Encode(title), ["standoff"] = 8 },
        ["gridcolor"] = Grid,
        ["linecolor"] = Grid,
        ["zerolinecolor"] = "rgba(127,127,127,0.5)",
        ["ticks"] = "outside",
        ["ticklen"] = 4,
        ["tickcolor"] = Grid,
        ["showline"] = true,
    };

    /// <summary>An axis of named places, at 0, 1, 2, …; in about 600 pixels the labels stand beside each other, else in lines, else they turn.</summary>
    internal static (Node Axis, int Height) NamedAxis(string title, IReadOnlyList<string> labels, int width = 600)
    {
        var lines = Lines(labels, width);
        var axis = Axis(title);
        axis["tickmode"] = "array";
        axis["tickvals"] = Enumerable.Range(0, labels.Count).ToArray();
        axis["ticktext"] = lines is null ? Labels.Encode(labels) : [.. lines.Select(label => string.Join("<br>", label.Select(Labels.Encode)))];
        axis["tickangle"] = lines is null ? -90 : 0;
        axis["showgrid"] = false;
        axis["zeroline"] = false;
        return (axis, lines is null ? Labels.Width(labels) + 8 : TickLine + (lines.Max(label => label.Count) - 1) * LabelLine);
    }

    /// <summary>An axis of named places from the top down, with the width of its labels and the height of the highest.</summary>
    internal static (Node Axis, int Width, int Height) NamedSide(string title, IReadOnlyList<string> labels)
    {
        var (axis, _) = NamedAxis(title, labels);
        var lines = labels.Select(label => Labels.WrapTo(label, MostSide)).ToArray();
        axis["ticktext"] = lines.Select(label => string.Join("<br>", label.Select(Labels.Encode))).ToArray();
        axis["tickangle"] = 0;
        axis["autorange"] = "reversed";
        return (axis, lines.Max(Labels.Width), lines.Max(label => label.Count) * LabelLine + 6);
    }

    /// <summary>Whether labels stand beside each other in a width in pixels, in lines where need be.</summary>
    internal static bool StandBeside(IReadOnlyList<string> labels, int width) => Lines(labels, width) is not null;

    private static IReadOnlyList<string>[]? Lines(IReadOnlyList<string> labels, int width)
    {
        var room = width / labels.Count - 8;
        var lines = labels.Select(label => Labels.WrapTo(label, room)).ToArray();
        return lines.Any(label => label.Count > MostLabelLines || Labels.Width(label) > room) ? null : lines;
    }

    /// <summary>The layout of a figure with one pair of axes: the height between the axes, the width of the y axis's tick labels and the height of the x axis's, in pixels.</summary>
    internal static Node Layout(string title, Node x, Node y, int plotHeight, int tickWidth = 40, int tickHeight = TickLine)
    {
        var bottom = tickHeight + AxisTitle + 14;
        return Retitle(new Node
        {
            ["title"] = null,
            ["font"] = new Node { ["family"] = Font, ["size"] = 12, ["color"] = Text },
            ["paper_bgcolor"] = "rgba(0,0,0,0)",
            ["plot_bgcolor"] = "rgba(0,0,0,0)",
            ["colorway"] = Colours,
            ["autosize"] = true,
            ["height"] = plotHeight + bottom,
            ["margin"] = new Node { ["l"] = tickWidth + AxisTitle + 12, ["r"] = 16, ["t"] = 0, ["b"] = bottom },
            ["hovermode"] = "closest",
            ["hoverlabel"] = new Node { ["font"] = new Node { ["family"] = Font } },
            ["legend"] = new Node { ["bgcolor"] = "rgba(0,0,0,0)" },
            ["modebar"] = new Node { ["bgcolor"] = "rgba(0,0,0,0)", ["color"] = Grid, ["activecolor"] = Text },
            ["xaxis"] = x,
            ["yaxis"] = y,
        }, title);
    }

    /// <summary>A layout with another title, and the height that it needs.</summary>
    internal static Node Retitle(Node layout, string title)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        var lines = Labels.Wrap(title, TitleColumns);
        var top = 34 + lines.Count * TitleLine;
        var margin = (Node)layout["margin"]!;
        return new Node(layout)
        {
            ["title"] = new Node
            {
                ["text"] = string.Join("<br>", lines.Select(Labels.Encode)),
                ["x"] = 0,
                ["xref"] = "paper",
                ["xanchor"] = "left",
                ["y"] = 1,
                ["yref"] = "paper",
                ["yanchor"] = "bottom",
                ["pad"] = new Node { ["b"] = 14 },
                ["font"] = new Node { ["size"] = 16 },
            },
            ["height"] = (int)layout["height"]! - (int)margin["t"]! + top,
            ["margin"] = new Node(margin) { ["t"] = top },
        };
    }

    internal static Node ColourBar(string title) => new()
    {
        ["title"] = new Node { ["text"] = Labels.Encode(title), ["side"] = "right" },
        ["thickness"] = 14,
        ["outlinewidth"] = 0,
    };

    internal static Node Config() => new()
    {
        ["responsive"] = true,
        ["displaylogo"] = false,
        ["toImageButtonOptions"] = new Node { ["format"] = "svg" },
    };
}
