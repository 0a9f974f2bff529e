using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

public sealed class NotebookPageTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Figure_IsDrawnFromItsJson_ByTheOneScriptBesideThePages()
    {
        var output = new JsonObject
        {
            ["output_type"] = "display_data",
            ["data"] = new JsonObject
            {
                ["text/html"] = "<script src=\"https://cdn.invalid/plotly.js\"></script>",
                ["application/vnd.plotly.v1+json"] = JsonNode.Parse("{\"data\": [{\"y\": [1, 2], \"name\": \"</script>\"}], \"layout\": {\"title\": \"t\"}}"),
            },
        };
        NotebookPage.WriteAll([(Write("a.ipynb", output), null)], _folder["out"]);
        var page = File.ReadAllText(_folder["out/a.html"]);
        Assert.Contains("<script src=\"plotly.min.js\"></script>", page, StringComparison.Ordinal);
        Assert.Contains("<div class=\"output figure\" id=\"figure-1\"></div>", page, StringComparison.Ordinal);
        Assert.Contains("Plotly.newPlot(\"figure-1\", [{\"y\":[1,2],\"name\":\"\\u003C/script\\u003E\"}], {\"title\":\"t\"}", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.Contains("plotly.js v", File.ReadLines(_folder["out/plotly.min.js"]).Skip(1).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void StaticPicture_IsShownWhereNoScriptsRun()
    {
        var data = new JsonObject { ["application/vnd.plotly.v1+json"] = new JsonObject(), ["image/png"] = "iVBOR" };
        var page = Page(new JsonObject { ["output_type"] = "display_data", ["data"] = data });
        Assert.Contains("<noscript><div class=\"output\"><img alt=\"output\" src=\"data:image/png;base64,iVBOR\"></div></noscript>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_LeadToTheirNeighbours()
    {
        var stream = new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = "x" };
        NotebookPage.WriteAll([.. from name in (string[])["a.ipynb", "b.ipynb", "c.ipynb"] select (Write(name, stream.DeepClone().AsObject()), (string?)null)], _folder["out"]);
        var page = File.ReadAllText(_folder["out/b.html"]);
        Assert.Contains("<a rel=\"prev\" href=\"a.html\"><small>← before</small> a</a><a rel=\"next\" href=\"c.html\"><small>next →</small> c</a></nav>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"a.html\" title=\"a\">1</a> <span aria-current=\"page\">2</span> <a href=\"c.html\" title=\"c\">3</a></nav>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"prev\"", File.ReadAllText(_folder["out/a.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Index_SaysInASentenceWhatANotebookTeaches()
    {
        var notebook = TestFolder.Notebook("1");
        notebook["cells"]!.AsArray().Insert(0, (JsonNode)new JsonObject { ["cell_type"] = "markdown", ["metadata"] = new JsonObject(), ["source"] = "# 7 · Cost\n\n**You will learn** what *T* costs. Reading: 5 minutes.\n\nMore." });
        NotebookPage.WriteAll([(_folder.Write("a.ipynb", notebook.ToJsonString()), null)], _folder["out"]);
        Assert.Contains("<li><a href=\"a.html\">7 &#183; Cost</a>\n<p>What <em>T</em> costs.</p>", File.ReadAllText(_folder["out/index.html"]), StringComparison.Ordinal);
        Assert.Contains("<span aria-current=\"page\">7</span>", File.ReadAllText(_folder["out/a.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Index_BeginsWithTheCellsThatAreTaggedForIt_AndPagesListTheirSections()
    {
        JsonObject Text(string source, params string[] tags) => new()
        {
            ["cell_type"] = "markdown",
            ["source"] = source,
            ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]) },
        };
        var notebook = TestFolder.Notebook("1");
        var cells = notebook["cells"]!.AsArray();
        cells.Insert(0, (JsonNode)Text("# 1 · One\n\n**You will learn** what *T* is. Reading: 5 minutes."));
        cells.Insert(1, (JsonNode)Text("## For all to see", NotebookPage.IndexTag));
        cells.Add((JsonNode)Text("## For readers"));
        NotebookPage.WriteAll([(_folder.Write("a.ipynb", notebook.ToJsonString()), null)], _folder["out"]);
        var (index, page) = (File.ReadAllText(_folder["out/index.html"]), File.ReadAllText(_folder["out/a.html"]));
        Assert.Contains("For all to see</h2>", index, StringComparison.Ordinal);
        Assert.DoesNotContain("For readers", index, StringComparison.Ordinal);
        Assert.Contains("<li><a href=\"#for-all-to-see\">For all to see</a></li>\n<li><a href=\"#for-readers\">For readers</a></li>", page, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"description\" content=\"What T is.\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatNotebooksLinkTo_IsCopiedBesideThePages()
    {
        _folder.Write("repository/data/runs/one/spec.json", "{\"seed\": 3}");
        _folder.Write("repository/data/README.md", "# Data\n\nSee [this](other.md) and [that](https://example.invalid/).");
        _folder.Write("secret.txt", "not of the repository");
        var figure = new JsonObject
        {
            ["data"] = new JsonArray(),
            ["layout"] = new JsonObject { ["annotations"] = new JsonArray(new JsonObject { ["text"] = "Recorded: <a href=\"../data/runs/one\">one</a>" }) },
        };
        var output = new JsonObject
        {
            ["output_type"] = "display_data",
            ["data"] = new JsonObject { ["text/html"] = "<a href=\"../data/runs/one\">0</a> <a href=\"../../secret.txt\">1</a> <a href=\"../data/absent\">2</a>" },
        };
        var notebook = WithOutput(output);
        notebook["cells"]![0]!["outputs"]!.AsArray().Add((JsonNode)new JsonObject { ["output_type"] = "display_data", ["data"] = new JsonObject { ["application/vnd.plotly.v1+json"] = figure } });
        notebook["cells"]!.AsArray().Insert(0, (JsonNode)new JsonObject { ["cell_type"] = "markdown", ["metadata"] = new JsonObject(), ["source"] = "[data](../data/README.md#data) [top](#top)" });
        NotebookPage.WriteAll([(_folder.Write("repository/notebooks/a.ipynb", notebook.ToJsonString()), _folder["repository/notebooks"])], _folder["out"]);

        var page = File.ReadAllText(_folder["out/a.html"]);
        Assert.Contains("<a href=\"files/data/runs/one/index.html\">0</a> <a href=\"../../secret.txt\">1</a> <a href=\"../data/absent\">2</a>", page, StringComparison.Ordinal);
        Assert.Contains("href=\\u0022files/data/runs/one/index.html\\u0022", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"files/data/README.md.html#data\">data</a> <a href=\"#top\">top</a>", page, StringComparison.Ordinal);
        Assert.Equal("{\"seed\": 3}", File.ReadAllText(_folder["out/files/data/runs/one/spec.json"]));
        Assert.Contains("spec.json</a> (1 KiB)", File.ReadAllText(_folder["out/files/data/runs/one/index.html"]), StringComparison.Ordinal);
        Assert.Contains("See this and <a href=\"https://example.invalid/\">that</a>.", File.ReadAllText(_folder["out/files/data/README.md.html"]), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"], "secret*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("text/html", "<i>x</i>", "<i>x</i>")]
    [InlineData("image/png", "iVBOR", "<img alt=\"output\" src=\"data:image/png;base64,iVBOR\">")]
    [InlineData("image/svg+xml", "<svg/>", "<svg/>")]
    [InlineData("text/markdown", "**x**", "<strong>x</strong>")]
    [InlineData("text/plain", "<x>", "<pre>&lt;x&gt;</pre>")]
    [InlineData("application/pdf", "x", "application/pdf, which pages cannot show")]
    public void Output_IsShownByItsType(string mimeType, string value, string shown)
    {
        var data = new JsonObject { [mimeType] = value };
        Assert.Contains(shown, Page(new JsonObject { ["output_type"] = "execute_result", ["data"] = data }), StringComparison.Ordinal);
    }

    [Fact]
    public void StreamsAndErrors_AreShownAsText()
    {
        var stream = new JsonObject { ["output_type"] = "stream", ["name"] = "stderr", ["text"] = "a < b" };
        Assert.Contains("<pre class=\"stderr\">a &lt; b</pre>", Page(stream), StringComparison.Ordinal);
        var error = new JsonObject { ["output_type"] = "error", ["ename"] = "E", ["traceback"] = new JsonArray("line 1", "line 2") };
        Assert.Contains("<pre class=\"error\">line 1\nline 2</pre>", Page(error), StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_HasTablesAndTypesetMath_PicturesAreEmbedded_LinksLeadToPages()
    {
        File.WriteAllBytes(_folder["dot.png"], [1, 2, 3]);
        var notebook = TestFolder.Notebook("var x = 1; // <note>");
        notebook["cells"]!.AsArray().Insert(0, (JsonNode)new JsonObject
        {
            ["cell_type"] = "markdown",
            ["metadata"] = new JsonObject(),
            ["attachments"] = new JsonObject { ["a.png"] = new JsonObject { ["image/png"] = "AAAA" } },
            ["source"] = "# The <title>\n\n|a|b|\n|-|-|\n|1|2|\n\nWith $x_1 < y_2$ and\n\n$$\na_b\n$$\n\n![p](dot.png) ![q](attachment:a.png) [next](02-b.ipynb)",
        });
        NotebookPage.WriteAll([(_folder.Write("a.ipynb", notebook.ToJsonString()), _folder.Path)], _folder["out"]);
        var page = File.ReadAllText(_folder["out/a.html"]);
        Assert.Contains("<td>1</td>", page, StringComparison.Ordinal);
        Assert.Contains("<p>With <span class=\"katex\">", page, StringComparison.Ordinal);
        Assert.Contains("<msub><mi>x</mi><mn>1</mn></msub><mo>&lt;</mo><msub><mi>y</mi><mn>2</mn></msub>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"katex-display\">", page, StringComparison.Ordinal);
        Assert.Contains("<link rel=\"stylesheet\" href=\"katex/katex.min.css\">", page, StringComparison.Ordinal);
        Assert.Contains("url(fonts/KaTeX_Math-Italic.woff2)", File.ReadAllText(_folder["out/katex/katex.min.css"]), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/katex/fonts/KaTeX_Math-Italic.woff2"]));
        Assert.Contains("src=\"data:image/png;base64,AQID\"", page, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/png;base64,AAAA\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"02-b.html\"", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"keyword\">var</span> x = <span class=\"number\">1</span>; <span class=\"comment\">// &lt;note&gt;</span>", page, StringComparison.Ordinal);
        Assert.Contains("<title>The &lt;title&gt;</title>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"a.html\">The &lt;title&gt;</a>\n", File.ReadAllText(_folder["out/index.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_LeaveTheCodeAsItIs()
    {
        const string Code = "#r \"nuget: X, 1.0\"\n/* <c> */ var s = $\"{1 + 2} <b>\"; // end\n#!time\nint z = ;";
        var text = System.Text.RegularExpressions.Regex.Replace(CodeColours.ToHtml(Code), "</?span[^>]*>", "");
        Assert.Equal(Code, System.Net.WebUtility.HtmlDecode(text));
    }

    public void Dispose() => _folder.Dispose();

    private string Page(JsonObject output)
    {
        NotebookPage.WriteAll([(Write("a.ipynb", output), null)], _folder["out"]);
        return File.ReadAllText(_folder["out/a.html"]);
    }

    private static JsonObject WithOutput(JsonObject output)
    {
        var notebook = TestFolder.Notebook("1");
        notebook["cells"]![0]!["outputs"] = new JsonArray(output);
        return notebook;
    }

    private string Write(string name, JsonObject output) => _folder.Write(name, WithOutput(output).ToJsonString());
}
