using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DIDD.Notebooks.Tests;

/// <summary>Every link from a page or a notebook to a file of the repository, and to a heading of another page, leads somewhere.</summary>
public sealed partial class LinkTests
{
    /// <summary>The pages and notebooks that are committed.</summary>
    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Repository.Folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Folder, path))
            .Where(path => Path.GetExtension(path) is ".md" or ".ipynb" && !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "out" or ".git" or "node_modules")),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void LinksLeadSomewhere(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Folder, page))!;
        foreach (var link in Links().Matches(Code().Replace(Text(Path.Combine(Repository.Folder, page)), "")).Select(match => match.Groups["target"].Value))
        {
            var (path, heading) = link.Split('#') is [var first, var second] ? (first, second) : (link, "");
            var target = path.Length == 0 ? Path.Combine(Repository.Folder, page) : Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(path)));
            Assert.True(Path.Exists(target), $"{page}: {link}");
            if (heading.Length > 0 && target.EndsWith(".md", StringComparison.Ordinal))
                Assert.True(Headings().Matches(File.ReadAllText(target)).Any(match => Anchor(match.Groups["title"].Value) == heading), $"{page}: {link}: no such heading");
        }
    }

    private static string Text(string path) => path.EndsWith(".md", StringComparison.Ordinal) ? File.ReadAllText(path)
        : string.Join("\n", JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().Where(cell => (string)cell!["cell_type"]! == "markdown").Select(cell => string.Concat(cell!["source"]!.AsArray().Select(line => (string)line!))));

    // As GitHub makes it of a heading.
    private static string Anchor(string title) => NotInAnchor().Replace(title.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>(?!https?:|mailto:|data:)[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^#+ (?<title>.*)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
