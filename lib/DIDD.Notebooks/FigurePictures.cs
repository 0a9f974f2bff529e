namespace DIDD.Notebooks;

/// <summary>Static pictures of Plotly figures, drawn by plotly.js in a headless Chromium or Chrome: what is seen where no scripts run.</summary>
public static partial class FigurePictures
{
    /// <summary>Names a browser here, in place of those on the search path.</summary>
    public const string BrowserVariable = "CHROME_PATH";

    internal const string PlotlyType = "application/vnd.plotly.v1+json";
    private const string PageName = "figures.html";

    private static readonly string[] BrowserNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>The browser: <see cref="BrowserVariable"/>, else the first of the usual names on the search path; null where there is none.</summary>
    public static string? Browser()
    {
        if (Environment.GetEnvironmentVariable(BrowserVariable) is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(folder => BrowserNames, Path.Combine).FirstOrDefault(File.Exists);
    }

    /// <summary>Adds a PNG, 900 pixels wide, to every output of a notebook that is a Plotly figure.</summary>
    /// <param name="notebook">The executed notebook; changed.</param>
    /// <param name="browser">Full path of Chromium or Chrome.</param>
    /// <param name="cancellation">Stops the browser.</param>
    /// <exception cref="IOException">The browser did not draw every figure.</exception>
    public static async Task AddAsync(NotebookDocument notebook, string browser, CancellationToken cancellation = default)
    {
        var figures = notebook.Bundles.Where(data => data.ContainsKey(PlotlyType)).ToList();
        if (figures.Count == 0)
            return;
        var folder = Directory.CreateTempSubdirectory("didd-figures-").FullName;
        try
        {
            NotebookPage.CopyScript(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, PageName), Page(figures.Select(data => data[PlotlyType]!)), cancellation);
            var page = await DrawnAsync(browser, folder, cancellation);
            var pictures = Picture().Matches(page).Select(match => match.Groups["base64"].Value).ToList();
            if (pictures.Count != figures.Count)
                throw new IOException($"{browser} drew {pictures.Count} of {figures.Count} figures of {notebook.Name}{(Failure().Match(page) is { Success: true } why ? $": {why.Groups["message"].Value}" : "")}; open the executed copy to see which fail");
            foreach (var (data, picture) in figures.Zip(pictures))
                data["image/png"] = picture;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The default encoder escapes '<', so that the JSON cannot end the script.
    private static string Page(IEnumerable<JsonNode> figures) => NotebookPage.Resource(PageName)
        .Replace("{{script}}", NotebookPage.ScriptFile, StringComparison.Ordinal)
        .Replace("{{figures}}", string.Join(",\n", figures.Select(figure => figure.ToJsonString())), StringComparison.Ordinal);

    private static async Task<string> DrawnAsync(string browser, string folder, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--virtual-time-budget=120000", $"--user-data-dir={Path.Combine(folder, "profile")}", "--dump-dom", new Uri(Path.Combine(folder, PageName)).AbsoluteUri,
        ];
        using var process = Process.Start(new ProcessStartInfo(browser, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Limit);
        try
        {
            var (page, _) = (process.StandardOutput.ReadToEndAsync(limited.Token), process.StandardError.ReadToEndAsync(limited.Token));
            await process.WaitForExitAsync(limited.Token);
            return await page;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{browser} did not draw the figures within {Limit.TotalMinutes:0} minutes");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex("<img src=\"data:image/png;base64,(?<base64>[^\"]+)\"")]
    private static partial Regex Picture();

    [GeneratedRegex("data-failure=\"(?<message>[^\"]*)\"")]
    private static partial Regex Failure();
}
