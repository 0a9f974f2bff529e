using System.Net;
using System.Net.Sockets;
using Microsoft.Playwright;

namespace DIDD.Notebooks.Tests;

/// <summary>A user opens a notebook in Jupyter's page, runs all cells and sees the figures: headless Chromium on a real server.</summary>
[Collection(OneSession.Name)]
public sealed class JupyterBrowserTests(JupyterInstallation jupyter) : IClassFixture<JupyterInstallation>
{
    private const string Name = "01-problem-setup.ipynb";

    [JupyterFact(browser: true)]
    public async Task RunAll_ShowsTheFigures()
    {
        var folder = Directory.CreateDirectory(jupyter["served"]).FullName;
        // A repository around a copy of the notebook, since the page saves what it runs.
        foreach (var linked in (string[])["DIDD.Notebooks.sln", "data", "lib"])
            File.CreateSymbolicLink(Path.Combine(folder, linked), Path.Combine(Repository.Folder, linked));
        Directory.CreateDirectory(Path.Combine(folder, "notebooks"));
        File.Copy(Path.Combine(Repository.Folder, "notebooks", Name), Path.Combine(folder, "notebooks", Name));
        var port = FreePort();
        using var server = jupyter.Start(JupyterInstallation.Python, ["-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={port}", "--NotebookApp.token=", $"--notebook-dir={folder}"]);
        try
        {
            _ = server.StandardOutput.ReadToEndAsync();
            _ = server.StandardError.ReadToEndAsync();
            await UntilServedAsync(port);
            await RunAllAsync($"http://127.0.0.1:{port}/notebooks/notebooks/{Name}");
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
        }
    }

    private async Task RunAllAsync(string address)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1200, Height = 900 } });
        // Jupyter's page asks the public address of plotly.js; here Plotly.NET's copy of the same file answers.
        NotebookPage.CopyScript(jupyter["."]);
        await page.RouteAsync("https://cdn.plot.ly/**", route => route.FulfillAsync(new() { Path = jupyter[NotebookPage.ScriptFile], ContentType = "text/javascript" }));
        await page.GotoAsync(address);
        await page.WaitForFunctionAsync("() => window.Jupyter?.notebook?.kernel?.is_connected()", null, new() { Timeout = 60_000 });
        await page.ClickAsync("#celllink");
        await page.ClickAsync("#run_all_cells");
        await page.WaitForFunctionAsync(
            "() => Jupyter.notebook.get_cells().filter(cell => cell.cell_type === 'code').every(cell => /^\\d+$/.test(cell.input_prompt_number))",
            null, new() { Timeout = 180_000 });
        Assert.Empty(await page.Locator(".output_error").AllInnerTextsAsync());
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.didd-figure .main-svg').length >= 4", null, new() { Timeout = 60_000 });
        var figures = page.Locator(".didd-figure[data-drawn]");
        Assert.True(await figures.CountAsync() >= 4, "the notebook has four figures");
        foreach (var figure in await figures.AllAsync())
        {
            var box = await figure.BoundingBoxAsync();
            Assert.True(box is { Width: > 300, Height: > 150 }, "a figure has no size");
        }

        Directory.CreateDirectory(Path.Combine(Repository.Folder, "out"));
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Folder, "out", "jupyter.png"), FullPage = true });
    }

    private static async Task UntilServedAsync(int port)
    {
        using var client = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                (await client.GetAsync(new Uri($"http://127.0.0.1:{port}/api"))).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (attempt < 300)
            {
                await Task.Delay(200);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
