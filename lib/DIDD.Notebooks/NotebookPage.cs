using static System.Net.WebUtility;

namespace DIDD.Notebooks;

/// <summary>
/// Shows executed notebooks as static HTML pages that need no network. Figures in Plotly's JSON are drawn by one
/// <c>plotly.min.js</c> beside the pages; what notebooks link to in their repository is copied beside them; all else is in the page.
/// </summary>
public static partial class NotebookPage
{
    /// <summary>The tag of cells that the list of notebooks begins with: text, and the outputs of code.</summary>
    public const string IndexTag = "index";

    /// <summary>Name of plotly.js beside pages.</summary>
    internal const string ScriptFile = "plotly.min.js";

    // Set where GitHub builds the pages: owner and name.
    private const string RepositoryVariable = "GITHUB_REPOSITORY";

    /// <summary>Writes pages for executed notebooks, the script that draws their figures, and <c>index.html</c> that lists them.</summary>
    /// <param name="notebooks">
    /// Executed notebooks, in the order of the list, each with the folder of the original, whose pictures are embedded;
    /// null leaves links to pictures as they are. Pages take the notebooks' file names.
    /// </param>
    /// <param name="outFolder">Where the pages go.</param>
    /// <exception cref="InvalidDataException">A file is no notebook.</exception>
    public static void WriteAll(IEnumerable<(string Path, string? SourceFolder)> notebooks, string outFolder)
    {
        Directory.CreateDirectory(outFolder);
        var documents = notebooks.Select(each => (Notebook: NotebookDocument.Load(each.Path), each.SourceFolder)).ToArray();
        if (documents.Any(each => each.Notebook.Bundles.Any(data => data.ContainsKey(FigurePictures.PlotlyType))))
            CopyScript(outFolder);
        CopyResources(typeof(Formula).Assembly, name => name == Formula.StyleSheet || name.EndsWith(".woff2", StringComparison.Ordinal) ? name : null, outFolder);
        var files = new LinkedFiles(outFolder, (title, body) => Document(title, "", "", $"<h1>{HtmlEncode(title)}</h1>\n{body}", depth: title.Count(letter => letter == '/') + 1));
        var series = documents.Select(each => each.Notebook).ToList();
        foreach (var (notebook, folder) in documents)
        {
            var html = new CellHtml(folder, link => Lead(link, folder));
            var body = string.Concat(notebook.Cells.Select(html.Whole));
            var foot = NotebookRecorder.Description(notebook) is { } made ? $"<footer>Outputs: {HtmlEncode(made)}.</footer>\n" : "";
            File.WriteAllText(Path.Combine(outFolder, PageName(notebook)), Document(
                Title(notebook), Sentence(notebook), Script(html.Figures), $"{Series(series, notebook)}{Contents(body)}{body}{Neighbours(series, notebook)}{foot}"));
        }

        var citation = documents.Select(each => each.SourceFolder).OfType<string>().Select(folder => files.Address("../CITATION.cff", folder)).FirstOrDefault(address => !address.StartsWith("..", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(outFolder, "index.html"), Index(documents, Lead, citation));

        // A link to a notebook leads to its page, one to a file to its copy.
        string Lead(string link, string? folder) => Path.GetExtension(link) == ".ipynb" && !link.Contains('/', StringComparison.Ordinal) ? Path.ChangeExtension(link, ".html")
            : folder is null ? link : files.Address(link, folder);
    }

    /// <summary>Writes plotly.js, the one in Plotly.NET, into a folder of pages, so that no network is needed.</summary>
    internal static void CopyScript(string folder) =>
        CopyResources(typeof(Plotly.NET.GenericChart).Assembly, name => name.EndsWith(".min.js", StringComparison.Ordinal) ? ScriptFile : null, folder);

    /// <summary>The text of a file that this library carries.</summary>
    internal static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(NotebookPage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static void CopyResources(Assembly assembly, Func<string, string?> file, string folder)
    {
        foreach (var name in assembly.GetManifestResourceNames().Where(name => file(name) is not null))
        {
            var path = Path.Combine(folder, file(name)!);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using Stream resource = assembly.GetManifestResourceStream(name)!, copy = File.Create(path);
            resource.CopyTo(copy);
        }
    }

    private static string Script(int figures) => figures > 0 ? $"<script src=\"{ScriptFile}\"></script>\n" : "";

    // Links to the sections of a page, from its headings.
    private static string Contents(string body)
    {
        var sections = SectionPattern().Matches(body).Select(match => $"<li><a href=\"#{match.Groups["id"].Value}\">{match.Groups["text"].Value}</a></li>\n").ToList();
        return sections.Count < 2 ? "" : $"<details class=\"contents\"><summary>On this page</summary>\n<ul>\n{string.Concat(sections)}</ul></details>\n";
    }

    // The numbers of all notebooks, the present one among them.
    private static string Series(List<NotebookDocument> all, NotebookDocument present) => $"<nav class=\"series\"><a href=\"index.html\">All notebooks</a>{string.Concat(all.Index().Select(each =>
        each.Item == present
            ? $" <span aria-current=\"page\">{HtmlEncode(Number(each.Item, each.Index))}</span>"
            : $" <a href=\"{Uri.EscapeDataString(PageName(each.Item))}\" title=\"{HtmlEncode(Title(each.Item))}\">{HtmlEncode(Number(each.Item, each.Index))}</a>"))}</nav>\n";

    // The number that a title begins with, else the place in the series.
    private static string Number(NotebookDocument notebook, int index) => NumberPattern().Match(Title(notebook)) is { Success: true } match
        ? match.Groups["number"].Value
        : (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string Neighbours(List<NotebookDocument> all, NotebookDocument present)
    {
        var position = all.IndexOf(present);
        string Link(int at, string relation, string what) => at < 0 || at >= all.Count ? "<span></span>" :
            $"<a rel=\"{relation}\" href=\"{Uri.EscapeDataString(PageName(all[at]))}\"><small>{what}</small> {HtmlEncode(Title(all[at]))}</a>";
        return $"<nav class=\"neighbours\">{Link(position - 1, "prev", "← before")}{Link(position + 1, "next", "next →")}</nav>\n";
    }

    // Cells tagged "index", such as a picture and the verdicts; the notebooks, each with its first picture; where to open them, and how to cite them.
    private static string Index((NotebookDocument Notebook, string? SourceFolder)[] documents, Func<string, string?, string> lead, string? citation)
    {
        var (top, figures) = ("", 0);
        foreach (var (notebook, folder) in documents)
        {
            var html = new CellHtml(folder, link => lead(link, folder), figures);
            top += string.Concat(notebook.Cells.Where(cell => cell.Tags.Contains(IndexTag)).Select(cell => cell.Kind == CellKind.Code ? html.Outputs(cell) : html.Whole(cell)));
            figures = html.Figures;
        }

        var items = documents.Select(each => $"<li><a href=\"{Uri.EscapeDataString(PageName(each.Notebook))}\">{HtmlEncode(Title(each.Notebook))}</a>\n{Summary(each.Notebook, link => lead(link, each.SourceFolder))}{Thumbnail(each.Notebook)}</li>\n");
        var open = Environment.GetEnvironmentVariable(RepositoryVariable) is { Length: > 0 } repository
            ? $"<p><a href=\"https://codespaces.new/{HtmlEncode(repository)}\">Open in Codespaces</a>, or clone <a href=\"https://github.com/{HtmlEncode(repository)}\">{HtmlEncode(repository)}</a>.</p>\n" : "";
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
        var picture = notebook.Bundles.FirstOrDefault(data => data.ContainsKey("image/png"));
        return picture is null ? "" : $"<img class=\"thumbnail\" alt=\"{HtmlEncode(NotebookCell.JoinLines(picture["text/plain"]).Split('\n')[0])}\" src=\"data:image/png;base64,{HtmlEncode(NotebookCell.JoinLines(picture["image/png"]).Trim())}\">\n";
    }

    /// <summary>The first sentence under the title, as HTML; of "You will learn what …" what is learnt.</summary>
    private static string Summary(NotebookDocument notebook, Func<string, string> lead) => Sentence(notebook) is { Length: > 0 } sentence ? PageMarkdown.ToHtml(sentence, [], null, lead) : "";

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
        var words = HtmlEncode(description.Replace("*", "", StringComparison.Ordinal));
        var meta = description.Length == 0 ? "" : $"<meta name=\"description\" content=\"{words}\">\n<meta property=\"og:description\" content=\"{words}\">\n";
        return Resource("page.html")
            .Replace("{{title}}", HtmlEncode(title), StringComparison.Ordinal)
            .Replace("{{meta}}", meta, StringComparison.Ordinal)
            .Replace("{{style}}", Resource("page.css"), StringComparison.Ordinal)
            .Replace("{{head}}", head, StringComparison.Ordinal)
            .Replace("{{body}}", body, StringComparison.Ordinal).ReplaceLineEndings("\n");
    }

    [GeneratedRegex("<h2 id=\"(?<id>[^\"]+)\">(?<text>.*?)</h2>")]
    private static partial Regex SectionPattern();

    [GeneratedRegex("^(?<number>[0-9]+[a-z]?) ·")]
    private static partial Regex NumberPattern();
}
