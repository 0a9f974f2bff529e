using System.Text.Json;
using Microsoft.Playwright;

namespace DIDD.Notebooks.Tests;

/// <summary>How far a picture is from its reference.</summary>
/// <param name="SameSize">Whether both have one size, within a fiftieth.</param>
/// <param name="Mean">Mean difference of the channels, from 0 to 255.</param>
/// <param name="Worst">The largest mean difference of a block of 12 × 12 pixels.</param>
internal sealed record PictureDifference(bool SameSize, double Mean, double Worst);

/// <summary>
/// Renders pages from disk in headless Chromium, as readers do: 800 and 1400 pixels wide, on light and dark, with scripts and without. Says what is wrong in
/// the layout, what the console complained of and what was asked of a network; keeps screenshots where asked to.
/// </summary>
internal sealed class PageCheck : IAsyncDisposable
{
    private static readonly int[] Widths = [800, 1400];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly string _script = Resource("page-check.js");
    private readonly string _compare = Resource("picture-compare.js");
    private IPage? _blank;

    private PageCheck(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<PageCheck> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = FigurePictures.Browser(),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--font-render-hinting=none"],
        }));
    }

    /// <summary>Looks at a page in every way.</summary>
    /// <param name="path">The page.</param>
    /// <param name="scripts">Whether scripts run.</param>
    /// <param name="look">Told of every way: its name, such as <c>800-light</c>, and the page, laid out.</param>
    /// <returns>What is wrong, a sentence each; empty where nothing is.</returns>
    public async Task<IReadOnlyList<string>> ProblemsAsync(string path, bool scripts, Func<string, IPage, Task>? look = null)
    {
        var problems = new List<string>();
        await using var context = await _browser.NewContextAsync(new() { JavaScriptEnabled = scripts, ViewportSize = new() { Width = Widths[0], Height = 900 } });
        var page = await context.NewPageAsync();
        page.Console += (_, message) => Add(message.Type is "error" or "warning", $"the console says: {message.Text}");
        page.PageError += (_, error) => Add(true, $"a script failed: {error}");
        page.Request += (_, request) => Add(!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal), $"asks for {request.Url}");
        page.RequestFailed += (_, request) => Add(true, $"could not load {request.Url}");
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        // Widths decide the layout, schemes the contrast.
        foreach (var (width, scheme) in Widths.Zip((ColorScheme[])[ColorScheme.Light, ColorScheme.Dark]))
        {
            await page.SetViewportSizeAsync(width, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await SettledAsync(page, scripts);
            var way = $"{width}-{scheme.ToString().ToLowerInvariant()}{(scripts ? "" : "-no-scripts")}";
            foreach (var problem in await page.EvaluateAsync<string[]>(_script, scripts))
                problems.Add($"{Path.GetFileName(path)}, {way}: {problem}");
            if (look is not null)
                await look(way, page);
        }

        return problems;

        void Add(bool isProblem, string problem)
        {
            if (isProblem)
                problems.Add($"{Path.GetFileName(path)}: {problem}");
        }
    }

    /// <summary>A picture at a quarter of its size, and how far that is from another small one.</summary>
    /// <param name="picture">The picture, a PNG.</param>
    /// <param name="reference">The other one; null for none.</param>
    public async Task<(byte[] Small, PictureDifference? Difference)> CompareAsync(byte[] picture, byte[]? reference)
    {
        _blank ??= await _browser.NewPageAsync();
        var result = await _blank.EvaluateAsync<JsonElement>(_compare, new[] { Convert.ToBase64String(picture), reference is null ? "" : Convert.ToBase64String(reference) });
        var small = Convert.FromBase64String(result.GetProperty("small").GetString()!);
        return (small, reference is null ? null : new(result.GetProperty("sameSize").GetBoolean(), result.GetProperty("mean").GetDouble(), result.GetProperty("worst").GetDouble()));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(PageCheck).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    // Figures follow a change of width a moment later; two equal looks at their sizes say that they are done.
    private static async Task SettledAsync(IPage page, bool scripts)
    {
        if (!scripts)
            return;
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.figure')].every(figure => figure.querySelector('.main-svg'))");
        const string Sizes = "() => [...document.querySelectorAll('.figure, .figure .main-svg, img')].map(e => `${e.getBoundingClientRect().width}`).join()";
        for (var (before, now, attempt) = ("", "-", 0); before != now && attempt < 50; attempt++)
        {
            await Task.Delay(70);
            (before, now) = (now, await page.EvaluateAsync<string>(Sizes));
        }
    }
}
