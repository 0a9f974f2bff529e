using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DIDD.Notebooks;

/// <summary>
/// Shows executed notebooks as static HTML pages that need no network. Figures in Plotly's JSON are drawn by one
/// <c>plotly.min.js</c> beside the pages; what notebooks link to in their repository is copied beside them; all else is in the page.
/// </summary>
public static partial class NotebookPage
{
    /// <summary>The tag of cells that the list of notebooks begins with: text, and the outputs of code.</summary>
    public const string IndexTag = "index";

    // Set where GitHub builds the pages: owner and name.
    private const string RepositoryVariable = "GITHUB_REPOSITORY";

    /// <summary>Types that a page shows, best first.</summary>
    private static readonly string[] Preference =
        [FigurePictures.PlotlyType, "text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"];

    /// <summary>Writes pages for executed notebooks, the script that draws their figures, and <c>index.html</c> that lists them.</summary>
    /// <param name="notebooks">
    /// Executed notebooks, in the order of the list, each with the folder of the original, whose pictures are embedded;
    /// null leaves links to pictures as they are. Pages take the notebooks' file names.
    /// </param>
    /// <param name="outFolder">Where the pages go.</param>
    /// <exception cref="NotebookFormatException">A file is no notebook.</exception>
    public static void WriteAll(IEnumerable<(string Path, string? SourceFolder)> notebooks, string outFolder)
    {
        Directory.CreateDirectory(outFolder);
        var documents = notebooks.Select(each => (Notebook: NotebookDocument.Load(each.Path), each.SourceFolder)).ToArray();
        if (documents.Any(each => HasFigures(each.Notebook)))
            PlotlyScript.CopyTo(outFolder);
        Formula.CopyStyle(outFolder);
        var files = new LinkedFiles(outFolder, (title, body) => Document(title, "", "", $"<h1>{Escape(title)}</h1>\n{body}", depth: title.Count(letter => letter == '/') + 1));
        var series = documents.Select(each => each.Notebook).ToList();
        foreach (var (document, sourceFolder) in documents)
        {
            var page = ToHtml(document, sourceFolder, link => Lead(link, sourceFolder), Series(series, document), Neighbours(series, document));
            File.WriteAllText(Path.Combine(outFolder, PageName(document)), page);
        }

        var citation = documents.Select(each => each.SourceFolder).OfType<string>().Select(folder => files.Address("../CITATION.cff", folder)).FirstOrDefault(address => !address.StartsWith("..", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(outFolder, "index.html"), Index(documents, Lead, citation));

        // A link to a notebook leads to its page, one to a file to its copy.
        string Lead(string link, string? sourceFolder) =>
            sourceFolder is null ? link : series.Find(other => other.Name == link) is { } other ? PageName(other) : files.Address(link, sourceFolder);
    }

    /// <summary>Renders one notebook as a complete HTML page.</summary>
    /// <param name="notebook">The executed notebook.</param>
    /// <param name="sourceFolder">Folder whose pictures are embedded; null to leave links to pictures as they are.</param>
    public static string ToHtml(NotebookDocument notebook, string? sourceFolder) => ToHtml(notebook, sourceFolder, link => link, "", "");

    private static string ToHtml(NotebookDocument notebook, string? sourceFolder, Func<string, string> lead, string series, string neighbours)
    {
        var body = new StringBuilder();
        var figures = 0;
        foreach (var cell in notebook.Cells)
        {
            switch (cell.Kind)
            {
                case CellKind.Markdown:
                    body.Append(Invariant($"<section class=\"markdown\">\n{PageMarkdown.ToHtml(cell.Source, cell.Attachments, sourceFolder, lead)}</section>\n"));
                    break;
                case CellKind.Raw:
                    body.Append(Invariant($"<pre class=\"raw\">{Escape(cell.Source)}</pre>\n"));
                    break;
                case CellKind.Code:
                    body.Append(Invariant($"<section class=\"code\"><div class=\"count\">[{cell.ExecutionCount}]</div>\n"));
                    body.Append(Invariant($"<pre class=\"source\"><code>{CodeColours.ToHtml(cell.Source)}</code></pre>\n"));
                    foreach (var output in cell.Outputs.OfType<JsonObject>())
                        body.Append(Output(output, lead, ref figures));
                    body.Append("</section>\n");
                    break;
            }
        }

        return Document(Title(notebook), Sentence(notebook), Script(figures), $"{series}{Contents($"{body}")}{body}{neighbours}{Made(notebook)}");
    }

    private static string Script(int figures) => figures > 0 ? $"<script src=\"{PlotlyScript.FileName}\"></script>\n" : "";

    // Links to the sections of a page, from its headings.
    private static string Contents(string body)
    {
        var sections = SectionPattern().Matches(body).Select(match => $"<li><a href=\"#{match.Groups["id"].Value}\">{match.Groups["text"].Value}</a></li>\n").ToList();
        return sections.Count < 2 ? "" : $"<details class=\"contents\"><summary>On this page</summary>\n<ul>\n{string.Concat(sections)}</ul></details>\n";
    }

    // The numbers of all notebooks, the present one among them.
    private static string Series(List<NotebookDocument> all, NotebookDocument present) => $"<nav class=\"series\"><a href=\"index.html\">All notebooks</a>{string.Concat(all.Index().Select(each =>
        each.Item == present
            ? $" <span aria-current=\"page\">{Escape(Number(each.Item, each.Index))}</span>"
            : $" <a href=\"{Uri.EscapeDataString(PageName(each.Item))}\" title=\"{Escape(Title(each.Item))}\">{Escape(Number(each.Item, each.Index))}</a>"))}</nav>\n";

    // The number that a title begins with, else the place in the series.
    private static string Number(NotebookDocument notebook, int index) => NumberPattern().Match(Title(notebook)) is { Success: true } match
        ? match.Groups["number"].Value
        : (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string Neighbours(List<NotebookDocument> all, NotebookDocument present)
    {
        var position = all.IndexOf(present);
        string Link(int at, string relation, string what) => at < 0 || at >= all.Count ? "<span></span>" :
            $"<a rel=\"{relation}\" href=\"{Uri.EscapeDataString(PageName(all[at]))}\"><small>{what}</small> {Escape(Title(all[at]))}</a>";
        return $"<nav class=\"neighbours\">{Link(position - 1, "prev", "← before")}{Link(position + 1, "next", "next →")}</nav>\n";
    }

    private static string Made(NotebookDocument notebook) => NotebookRecorder.Description(notebook) is { } made ? $"<footer>Outputs: {Escape(made)}.</footer>\n" : "";

    private static string Output(JsonObject output, Func<string, string> lead, ref int figures)
    {
        switch ((string?)output["output_type"])
        {
            case "stream":
                return $"<pre class=\"{Escape((string?)output["name"] ?? "stdout")}\">{Escape(NotebookCell.JoinLines(output["text"]))}</pre>\n";
            case "error":
                var trace = output["traceback"] as JsonArray ?? [];
                return $"<pre class=\"error\">{Escape(trace.Count > 0 ? string.Join('\n', trace) : $"{output["ename"]}: {output["evalue"]}")}</pre>\n";
            default:
                var data = output["data"] as JsonObject ?? [];
                var best = Preference.FirstOrDefault(data.ContainsKey);
                var words = NotebookCell.JoinLines(data["text/plain"]).Trim();
                if (best == FigurePictures.PlotlyType)
                    return Figure(data[FigurePictures.PlotlyType]!, ++figures, data["image/png"], words, lead);
                return best is null ? MissingType(data) : $"<div class=\"output\">{Rendered(best, NotebookCell.JoinLines(data[best]), words, lead)}</div>\n";
        }
    }

    private static string Rendered(string mimeType, string value, string words, Func<string, string> lead) => mimeType switch
    {
        "text/html" => LinkPattern().Replace(value, match => $"href=\"{lead(match.Groups["address"].Value)}\""),
        "image/svg+xml" => value,
        "image/png" or "image/jpeg" => $"<img alt=\"{Escape(words.Length == 0 ? "output" : words)}\" src=\"data:{mimeType};base64,{Escape(value.Trim())}\">",
        "text/markdown" => PageMarkdown.ToHtml(value, [], null, lead),
        _ => $"<pre>{Escape(value)}</pre>",
    };

    private static string Figure(JsonNode figure, int number, JsonNode? picture, string words, Func<string, string> lead)
    {
        foreach (var note in (figure as JsonObject)?["layout"]?["annotations"] as JsonArray ?? [])
            if (note is JsonObject annotation && (string?)annotation["text"] is { } text)
                annotation["text"] = LinkPattern().Replace(text, match => $"href=\"{lead(match.Groups["address"].Value)}\"");
        // The default encoder escapes '<', so that the JSON cannot end the script.
        var (data, layout, config) = (Json("data", "[]"), Json("layout", "{}"), Json("config", "{}"));
        var still = picture is null ? "" : $"\n<noscript><div class=\"output\">{Rendered("image/png", NotebookCell.JoinLines(picture), words, lead)}</div></noscript>";
        return Invariant($$"""
            <div class="output figure" id="figure-{{number}}"></div>{{still}}
            <script>Plotly.newPlot("figure-{{number}}", {{data}}, {{layout}}, Object.assign({responsive: true}, {{config}}));</script>

            """);

        string Json(string part, string otherwise) => figure is JsonObject parts && parts[part] is { } value ? value.ToJsonString() : otherwise;
    }

    private static string MissingType(JsonObject data) =>
        $"<p class=\"error\">An output in {Escape(string.Join(", ", data.Select(each => each.Key)))}, which pages cannot show.</p>\n";

    private static bool HasFigures(NotebookDocument notebook) =>
        notebook.CodeCells.SelectMany(cell => cell.Outputs).Any(output => output?["data"] is JsonObject data && data.ContainsKey(FigurePictures.PlotlyType));

    // Cells tagged "index", such as a picture and the verdicts; the notebooks, each with its first picture; where to open them, and how to cite them.
    private static string Index((NotebookDocument Notebook, string? SourceFolder)[] documents, Func<string, string?, string> lead, string? citation)
    {
        var (top, figures) = (new StringBuilder(), 0);
        foreach (var (notebook, sourceFolder) in documents)
            foreach (var cell in notebook.Cells.Where(cell => cell.Tags.Contains(IndexTag)))
                if (cell.Kind == CellKind.Markdown)
                    top.Append(Invariant($"<section class=\"markdown\">\n{PageMarkdown.ToHtml(cell.Source, cell.Attachments, sourceFolder, link => lead(link, sourceFolder))}</section>\n"));
                else
                    foreach (var output in cell.Outputs.OfType<JsonObject>())
                        top.Append(Output(output, link => lead(link, sourceFolder), ref figures));
        var items = documents.Select(each => $"<li><a href=\"{Uri.EscapeDataString(PageName(each.Notebook))}\">{Escape(Title(each.Notebook))}</a>\n{Summary(each.Notebook)}{Thumbnail(each.Notebook)}</li>\n");
        var open = Environment.GetEnvironmentVariable(RepositoryVariable) is { Length: > 0 } repository
            ? $"<p><a href=\"https://codespaces.new/{Escape(repository)}\">Open in Codespaces</a>, or clone <a href=\"https://github.com/{Escape(repository)}\">{Escape(repository)}</a>.</p>\n" : "";
        var cite = citation is null ? "" : $"<p>To cite: <a href=\"{citation}\">CITATION.cff</a>.</p>\n";
        var series = $"<ul class=\"index\">\n{string.Concat(items)}</ul>\n";
        return top.Length == 0
            ? Document("Notebooks", "", "", $"<h1>Notebooks</h1>\n{series}{open}{cite}")
            : Document("DIDD.Notebooks", "Domain incremental dataset distillation as notebooks that run: the sets as they change, a verdict on every claim of the paper, and the series.", Script(figures),
                $"<h1>DIDD.Notebooks</h1>\n{top}<h2>The notebooks</h2>\n{series}{open}{cite}");
    }

    // The first picture that a notebook carries.
    private static string Thumbnail(NotebookDocument notebook)
    {
        var picture = notebook.CodeCells.SelectMany(cell => cell.Outputs).Select(output => output?["data"]).OfType<JsonObject>().FirstOrDefault(data => data.ContainsKey("image/png"));
        return picture is null ? "" : $"<img class=\"thumbnail\" alt=\"{Escape(NotebookCell.JoinLines(picture["text/plain"]).Split('\n')[0])}\" src=\"data:image/png;base64,{Escape(NotebookCell.JoinLines(picture["image/png"]).Trim())}\">\n";
    }

    /// <summary>The first sentence under the title, as HTML; of "You will learn what …" what is learnt.</summary>
    private static string Summary(NotebookDocument notebook) => Sentence(notebook) is { Length: > 0 } sentence ? PageMarkdown.ToHtml(sentence, [], null) : "";

    private static string Sentence(NotebookDocument notebook)
    {
        var text = notebook.Cells.FirstOrDefault(cell => cell.Kind == CellKind.Markdown)?.Source ?? "";
        var paragraph = text.Split("\n\n").Select(part => part.Trim()).FirstOrDefault(part => part.Length > 0 && !part.StartsWith('#'));
        if (paragraph is null)
            return "";
        var sentence = paragraph.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? paragraph[..(end + 1)] : paragraph;
        const string Learn = "**You will learn** ";
        return sentence.StartsWith(Learn, StringComparison.Ordinal) ? char.ToUpperInvariant(sentence[Learn.Length]) + sentence[(Learn.Length + 1)..] : sentence;
    }

    private static string PageName(NotebookDocument notebook) => Path.ChangeExtension(notebook.Name, ".html");

    /// <summary>The notebook's first heading, else its file name.</summary>
    private static string Title(NotebookDocument notebook) => notebook.Cells
        .Where(cell => cell.Kind == CellKind.Markdown)
        .SelectMany(cell => cell.Source.Split('\n'))
        .FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim() ?? Path.GetFileNameWithoutExtension(notebook.Name);

    // Depth counts the folders between the page and the style sheet.
    private static string Document(string title, string description, string head, string body, int depth = 0)
    {
        if (body.Contains("class=\"katex", StringComparison.Ordinal))
            head += $"<link rel=\"stylesheet\" href=\"{string.Concat(Enumerable.Repeat("../", depth))}{Formula.StyleSheet}\">\n";
        var words = Escape(description.Replace("*", "", StringComparison.Ordinal));
        var meta = description.Length == 0 ? "" : $"<meta name=\"description\" content=\"{words}\">\n<meta property=\"og:description\" content=\"{words}\">\n";
        using var style = new StreamReader(typeof(NotebookPage).Assembly.GetManifestResourceStream("page.css")!);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Escape(title)}</title>
            <meta property="og:title" content="{Escape(title)}">
            <meta property="og:type" content="article">
            {meta}<style>
            {style.ReadToEnd()}</style>
            {head}</head>
            <body>
            <main>
            {body}</main>
            </body>
            </html>

            """.ReplaceLineEndings("\n");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex("<h2 id=\"(?<id>[^\"]+)\">(?<text>.*?)</h2>")]
    private static partial Regex SectionPattern();

    [GeneratedRegex("^(?<number>[0-9]+[a-z]?) ·")]
    private static partial Regex NumberPattern();

    [GeneratedRegex("(?<=<a )href=\"(?<address>[^\"]+)\"")]
    private static partial Regex LinkPattern();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
