using static System.Net.WebUtility;

namespace DIDD.Notebooks;

/// <summary>Shows the cells of one notebook as HTML. Figures in Plotly's JSON are drawn by the script beside the page.</summary>
/// <param name="folder">Folder of the notebook, whose pictures are embedded; null leaves links to pictures as they are.</param>
/// <param name="lead">The address in place of a link's.</param>
/// <param name="figures">How many figures the page has already.</param>
internal sealed partial class CellHtml(string? folder, Func<string, string> lead, int figures = 0)
{
    /// <summary>Types that a page shows, best first.</summary>
    private static readonly string[] Preference =
        [FigurePictures.PlotlyType, "text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"];

    /// <summary>How many figures the page has.</summary>
    public int Figures { get; private set; } = figures;

    /// <summary>A cell with what it holds.</summary>
    public string Whole(NotebookCell cell) => cell.Kind switch
    {
        CellKind.Markdown => $"<section class=\"markdown\">\n{PageMarkdown.ToHtml(cell.Source, cell.Attachments, folder, lead)}</section>\n",
        CellKind.Raw => $"<pre class=\"raw\">{HtmlEncode(cell.Source)}</pre>\n",
        _ => $"<section class=\"code\"><div class=\"count\">[{cell.ExecutionCount}]</div>\n"
            + $"<pre class=\"source\"><code>{CodeColours.ToHtml(cell.Source)}</code></pre>\n{Outputs(cell)}</section>\n",
    };

    /// <summary>The outputs of a code cell alone.</summary>
    public string Outputs(NotebookCell cell) => string.Concat(cell.Outputs.OfType<JsonObject>().Select(Output));

    private string Output(JsonObject output)
    {
        switch ((string?)output["output_type"])
        {
            case "stream":
                return $"<pre class=\"{HtmlEncode((string?)output["name"] ?? "stdout")}\">{HtmlEncode(NotebookCell.JoinLines(output["text"]))}</pre>\n";
            case "error":
                var trace = output["traceback"] as JsonArray ?? [];
                return $"<pre class=\"error\">{HtmlEncode(trace.Count > 0 ? string.Join('\n', trace) : $"{output["ename"]}: {output["evalue"]}")}</pre>\n";
            default:
                var data = output["data"] as JsonObject ?? [];
                if (data[FigurePictures.PlotlyType] is { } figure)
                    return Figure(figure, data);
                return Preference.FirstOrDefault(data.ContainsKey) is { } best ? $"<div class=\"output\">{Value(best, data)}</div>\n"
                    : $"<p class=\"error\">An output in {HtmlEncode(string.Join(", ", data.Select(each => each.Key)))}, which pages cannot show.</p>\n";
        }
    }

    private string Value(string mimeType, JsonObject data)
    {
        var (value, words) = (NotebookCell.JoinLines(data[mimeType]), NotebookCell.JoinLines(data["text/plain"]).Trim());
        return mimeType switch
        {
            "text/html" => Led(value),
            "image/svg+xml" => value,
            "image/png" or "image/jpeg" => $"<img alt=\"{HtmlEncode(words.Length == 0 ? "output" : words)}\" src=\"data:{mimeType};base64,{HtmlEncode(value.Trim())}\">",
            "text/markdown" => PageMarkdown.ToHtml(value, [], null, lead),
            _ => $"<pre>{HtmlEncode(value)}</pre>",
        };
    }

    private string Figure(JsonNode figure, JsonObject data)
    {
        foreach (var note in (figure as JsonObject)?["layout"]?["annotations"] as JsonArray ?? [])
            if (note is JsonObject annotation && (string?)annotation["text"] is { } text)
                annotation["text"] = Led(text);
        Figures++;
        var still = data.ContainsKey("image/png") ? $"\n<noscript><div class=\"output\">{Value("image/png", data)}</div></noscript>" : "";
        // The default encoder escapes '<', so that the JSON cannot end the script.
        return $$"""
            <div class="output figure" id="figure-{{Figures}}"></div>{{still}}
            <script>Plotly.newPlot("figure-{{Figures}}", {{Json("data", "[]")}}, {{Json("layout", "{}")}}, Object.assign({responsive: true}, {{Json("config", "{}")}}));</script>

            """;

        string Json(string part, string otherwise) => figure is JsonObject parts && parts[part] is { } value ? value.ToJsonString() : otherwise;
    }

    private string Led(string html) => LinkPattern().Replace(html, match => $"href=\"{lead(match.Groups["address"].Value)}\"");

    [GeneratedRegex("(?<=<a )href=\"(?<address>[^\"]+)\"")]
    private static partial Regex LinkPattern();
}
