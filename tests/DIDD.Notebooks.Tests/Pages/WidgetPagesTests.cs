using Microsoft.Playwright;

namespace DIDD.Notebooks.Tests;

/// <summary>What readers play with on the pages of the recorded notebooks, by mouse and by keyboard, and without scripts.</summary>
public sealed class WidgetPagesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactWithBrowser]
    public async Task SetExplorer_IsPlayed_AndSteppedByKeys()
    {
        await using var browser = await OpenAsync();
        var page = await browser.PageAsync("index.html");
        var (slider, button, now) = (page.Locator(".didd-explorer input"), page.Locator(".didd-explorer button"), page.Locator(".didd-explorer .now"));
        await slider.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        Assert.Contains("after domain 1 of 20", await now.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(19, await page.Locator(".didd-explorer .rule").First.Locator(".bars .later").CountAsync());
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Contains("after domain 2 of 20", await now.TextContentAsync(), StringComparison.Ordinal);
        await button.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForFunctionAsync("() => +document.querySelector('.didd-explorer input').value >= 4");
        await button.ClickAsync();
        var stopped = await slider.InputValueAsync();
        await Task.Delay(900);
        Assert.Equal(stopped, await slider.InputValueAsync());
    }

    [FactWithBrowser]
    public async Task SetExplorer_ShowsTheImagesWithoutScripts_AndKeepsStillWhereAsked()
    {
        await using var browser = await OpenAsync();
        var page = await browser.PageAsync("index.html", scripts: false);
        var film = page.Locator(".didd-explorer .film").First;
        Assert.True(await film.IsVisibleAsync());
        Assert.Equal("didd-film", await Animation());
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        Assert.Equal("none", await Animation());

        Task<string> Animation() => film.EvaluateAsync<string>("film => getComputedStyle(film).animationName");
    }

    [FactWithBrowser]
    public async Task ConflictToy_TakesAGuess_AndRevealsThePath()
    {
        await using var browser = await OpenAsync();
        var page = await browser.PageAsync("02-gradient-conflict.html");
        var (said, drawing) = (page.Locator(".didd-toy .said"), page.Locator(".didd-toy svg"));
        await drawing.ClickAsync(new() { Position = new() { X = 100, Y = 100 } });
        var before = await said.TextContentAsync();
        Assert.Contains("cos(g_S, g_P)", before, StringComparison.Ordinal);
        await page.Keyboard.PressAsync("ArrowDown");
        Assert.NotEqual(before, await said.TextContentAsync());
        await page.Locator("#didd-toy-b").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        Assert.Equal("0.0", await page.Locator(".didd-toy .b").TextContentAsync());
        Assert.Equal(0, await page.Locator(".didd-toy .path polyline").CountAsync());
        await page.Locator(".didd-toy button").ClickAsync();
        Assert.Equal(1, await page.Locator(".didd-toy .path polyline").CountAsync());
        // Without plasticity the point stays where it is.
        Assert.Contains("0.00 from O", await said.TextContentAsync(), StringComparison.Ordinal);
    }

    private async Task<Pages> OpenAsync()
    {
        var notebooks = Path.Combine(Repository.Folder, "notebooks");
        NotebookPage.WriteAll(((string[])["00-start-here.ipynb", "02-gradient-conflict.ipynb"]).Select(name => (Path.Combine(notebooks, name), (string?)notebooks)), _folder["site"]);
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = FigurePictures.Browser(), Args = ["--no-sandbox", "--disable-gpu"] }), _folder["site"]);
    }

    private sealed class Pages(IPlaywright playwright, IBrowser browser, string site) : IAsyncDisposable
    {
        public async Task<IPage> PageAsync(string name, bool scripts = true)
        {
            var context = await browser.NewContextAsync(new() { JavaScriptEnabled = scripts });
            var page = await context.NewPageAsync();
            await page.GotoAsync(new Uri(Path.Combine(site, name)).AbsoluteUri);
            if (scripts)
                await page.WaitForSelectorAsync(".playable");
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }
}
