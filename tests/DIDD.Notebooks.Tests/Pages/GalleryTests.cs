using System.Globalization;

namespace DIDD.Notebooks.Tests;

/// <summary>
/// The look of pages: a notebook with every kind of output is executed, recorded as a page and looked at in a browser, and its parts are compared with
/// small pictures kept here. Where a change is meant, run this test with <see cref="UpdateVariable"/> set to 1, look at the pictures and commit them.
/// </summary>
[Collection(OneSession.Name)]
public sealed class GalleryTests : IDisposable
{
    private const string UpdateVariable = "DIDD_UPDATE_SCREENSHOTS";
    private const double LargestMean = 4, LargestWorst = 48;

    private static readonly string[] Compared = ["800-light", "1400-dark", "800-light-no-scripts"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactWithBrowser]
    public async Task EveryKindOfOutput_IsWhole_AndLooksAsBefore()
    {
        var folder = Path.Combine(Repository.Folder, "tests", "DIDD.Notebooks.Tests", "Pages");
        var result = Assert.Single(await NotebookSuite.RunAsync(
            [Path.Combine(folder, "gallery.ipynb")], _folder["copies"], pageFolder: _folder["site"], browser: FigurePictures.Browser(), made: ("a processor, cpu, version 1", "2026-01-02")));
        Assert.True(result.Outcome == NotebookOutcome.Ok, result.Failure?.ToString());
        var problems = new List<string>();
        await using var check = await PageCheck.StartAsync();
        foreach (var scripts in (bool[])[true, false])
        {
            problems.AddRange(await check.ProblemsAsync(_folder["site/gallery.html"], scripts, async (way, page) =>
            {
                if (!Compared.Contains(way))
                    return;
                foreach (var (index, part) in (await page.Locator("main > *").AllAsync()).Index())
                {
                    var problem = await Different(check, await part.ScreenshotAsync(), Path.Combine(folder, "references", way, string.Create(CultureInfo.InvariantCulture, $"{index:00}.png")));
                    if (problem is not null)
                        problems.Add($"{way}, part {index}: {problem}");
                }
            }));
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static async Task<string?> Different(PageCheck check, byte[] picture, string reference)
    {
        var update = Environment.GetEnvironmentVariable(UpdateVariable) == "1";
        var known = File.Exists(reference) && !update;
        var (small, difference) = await check.CompareAsync(picture, known ? await File.ReadAllBytesAsync(reference) : null);
        if (update)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            await File.WriteAllBytesAsync(reference, small);
            return null;
        }
        if (difference is { SameSize: true, Mean: <= LargestMean, Worst: <= LargestWorst })
            return null;
        var seen = Path.Combine(Repository.Folder, "out", "pages", Path.GetFileName(Path.GetDirectoryName(reference)!), Path.GetFileName(reference));
        Directory.CreateDirectory(Path.GetDirectoryName(seen)!);
        await File.WriteAllBytesAsync(seen, picture);
        return $"{(difference is null ? $"there is no {reference}" : $"{difference} from {reference}")}; look at {seen}, and if it is meant, run this test with {UpdateVariable}=1";
    }
}
