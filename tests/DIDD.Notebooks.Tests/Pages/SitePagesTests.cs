using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace DIDD.Notebooks.Tests;

/// <summary>
/// What readers see, looked at in a browser. The pages are those of the outputs that the notebooks carry, or of any site that <see cref="SiteVariable"/> names.
/// </summary>
public sealed class SitePagesTests : IDisposable
{
    /// <summary>A folder of pages, as <c>didd notebooks run --html</c> writes it, to look at in place of the notebooks'.</summary>
    private const string SiteVariable = "DIDD_SITE";

    /// <summary>A folder that takes a screenshot of every page in every way.</summary>
    private const string ScreenshotsVariable = "DIDD_SCREENSHOTS";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactWithBrowser]
    public async Task EveryPage_IsWhole_InEveryWayThatItIsRead()
    {
        var site = Environment.GetEnvironmentVariable(SiteVariable) is { Length: > 0 } named ? named : Recorded();
        var screenshots = Environment.GetEnvironmentVariable(ScreenshotsVariable);
        var problems = new List<string>();
        var pages = Directory.GetFiles(site, "*.html").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(pages);
        await using var check = await PageCheck.StartAsync();
        foreach (var page in pages)
            foreach (var scripts in (bool[])[true, false])
                problems.AddRange(await check.ProblemsAsync(page, scripts, async (way, shown) =>
                {
                    if (screenshots is { Length: > 0 })
                        await shown.ScreenshotAsync(new() { Path = Path.Combine(screenshots, $"{Path.GetFileNameWithoutExtension(page)}-{way}.png"), FullPage = true });
                }));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [FactWithBrowser]
    public async Task ValuesThatCSharpGivesToThePage_FollowTheReadersHand()
    {
        await using var check = await PageCheck.StartAsync();
        Assert.Empty(await check.ProblemsAsync(Path.Combine(Recorded("08-*"), "08-your-own-data.html"), scripts: true, async (_, page) =>
        {
            var all = await AnswersAsync(page);
            await page.Locator("#sure").FillAsync("50");
            Assert.InRange(await AnswersAsync(page), 1, all - 1);
            await page.Locator("#sure").FillAsync("0");
        }));
    }

    private static async Task<int> AnswersAsync(IPage page) =>
        Regex.Matches(await page.Locator("#answered").TextContentAsync() ?? "", "([0-9]+) answers").Sum(match => int.Parse(match.Groups[1].ValueSpan));

    private string Recorded(string names = "*")
    {
        var notebooks = Directory.GetFiles(Path.Combine(Repository.Folder, "notebooks"), $"{names}.ipynb").Order(StringComparer.Ordinal);
        NotebookPage.WriteAll(notebooks.Select(path => (path, (string?)Path.GetDirectoryName(path))), _folder["site"]);
        return _folder["site"];
    }
}
