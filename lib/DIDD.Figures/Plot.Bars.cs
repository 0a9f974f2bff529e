namespace DIDD.Figures;

public static partial class Plot
{
    // Pixels between the axes on a page of 800.
    private const int WholeWidth = 600, BesideLegend = 440;

    // Pixels from one lying bar to the next, at least.
    private const int LyingBar = 20;

    /// <summary>Bars side by side in each category, with error bars where given; they lie where the categories' names are too long to stand beside each other.</summary>
    /// <param name="title">The title.</param>
    /// <param name="categories">The categories, left to right, or from the top down.</param>
    /// <param name="bars">The bars of each colour, in the legend's order.</param>
    /// <param name="y">The y axis.</param>
    /// <param name="categoryTitle">What the categories are.</param>
    /// <param name="decimals">Digits after the point on hover, and above the bars, where up to 16 of them have no errors.</param>
    /// <param name="caption">The sentence under the figure.</param>
    /// <exception cref="ArgumentException">No category or bars, lists of different lengths, a negative error, or no finite value.</exception>
    public static Figure Bars(
        string title, IReadOnlyList<string> categories, IReadOnlyList<BarGroup> bars, Axis y, string categoryTitle = "", int decimals = 1, string caption = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        Check.NotEmpty(categories, "category", "give at least one");
        Check.NotEmpty(bars, "group of bars", "give at least one");
        var width = bars.Count > 1 ? BesideLegend : WholeWidth;
        var lying = !Theme.StandBeside(categories, width);
        var (places, values) = lying ? ("y", "x") : ("x", "y");
        var number = string.Create(CultureInfo.InvariantCulture, $"%{{{values}:.{decimals}f}}");
        // Above a bar, where its error bar would be.
        var labelled = categories.Count * bars.Count <= 16 && bars.All(group => group.Errors is null);
        var traces = bars.Select((group, i) =>
        {
            Fits(group, categories.Count);
            var colours = group.Colours ?? [.. categories.Select(_ => Theme.Colour(i))];
            var bar = new Node
            {
                ["name"] = Labels.Encode(group.Name),
                ["orientation"] = lying ? "h" : "v",
                [places] = Enumerable.Range(0, categories.Count).ToArray(),
                [values] = Numbers.Compact(group.Values),
                // Faint bars, so that the error bar in the full colour is seen where it overlaps them.
                ["marker"] = new Node
                {
                    ["color"] = colours.Select(colour => Theme.Faint(colour, group.Hollow ? 0 : 0.45)).ToArray(),
                    ["line"] = new Node { ["color"] = colours, ["width"] = 1.5 },
                },
                ["customdata"] = Labels.Encode(categories),
                ["hovertemplate"] = $"%{{customdata}}: {number}{y.Suffix}",
            };
            if (group.Errors?.Any(double.IsFinite) == true)
                bar[$"error_{values}"] = new Node
                {
                    ["type"] = "data",
                    ["array"] = Numbers.Compact(group.Errors),
                    ["color"] = Theme.Text,
                    ["thickness"] = 2.5,
                    ["width"] = 6,
                };
            if (labelled)
                (bar["texttemplate"], bar["textposition"], bar["cliponaxis"]) = (number, "outside", false);
            return TraceOf("bar", bar);
        }).ToArray();

        var layout = lying ? Lying(title, categories, bars.Count, y, categoryTitle) : Standing(title, categories, width, y, categoryTitle);
        layout["barmode"] = "group";
        layout["showlegend"] = bars.Count > 1;
        return new Figure(title, caption, traces, layout);
    }

    private static Node Standing(string title, IReadOnlyList<string> categories, int width, Axis y, string categoryTitle)
    {
        var (x, tickHeight) = Theme.NamedAxis(categoryTitle, categories, width);
        return Theme.Layout(title, x, y.Build(), plotHeight: 320, tickWidth: 46, tickHeight);
    }

    private static Node Lying(string title, IReadOnlyList<string> categories, int groups, Axis y, string categoryTitle)
    {
        var (side, width, height) = Theme.NamedSide(categoryTitle, categories);
        return Theme.Layout(title, y.Build(), side, plotHeight: Math.Max(height, LyingBar * groups) * categories.Count, width);
    }

    private static void Fits(BarGroup group, int categories)
    {
        Check.Length(group.Values, categories, $"values of '{group.Name}'", "categories");
        Check.Length(group.Errors, categories, $"errors of '{group.Name}'", "categories");
        Check.Length(group.Colours, categories, $"colours of '{group.Name}'", "categories");
        Check.AnyFinite(group.Values, $"The group '{group.Name}'");
        if (group.Errors?.Any(error => error < 0) == true)
            throw new ArgumentException($"An error of '{group.Name}' is below zero; give half the length of each error bar.");
    }
}
