using static System.Net.WebUtility;

namespace DIDD.Notebooks;

/// <summary>
/// Files and folders of the repository that notebooks link to, such as recorded runs: copied beside the pages, so that the links lead somewhere wherever the
/// pages lie. Markdown becomes a page, a folder gets a page that lists it.
/// </summary>
/// <param name="outFolder">Folder of the pages.</param>
/// <param name="document">Makes a page: of a title, and of its body in HTML.</param>
internal sealed class LinkedFiles(string outFolder, Func<string, string, string> document)
{
    private const string FolderName = "files";

    /// <summary>What is larger stays where it is, in bytes.</summary>
    private const long LargestCopy = 10_000_000;

    /// <summary>JSON that a folder's page shows, in bytes.</summary>
    private const long LargestShown = 5_000;

    private readonly Dictionary<string, string?> _copied = [];

    /// <summary>The address, from the folder of the pages, of what a notebook's link leads to; the link as it is where it leads to nothing that can be copied.</summary>
    /// <param name="link">The link's address, as it stands in the notebook.</param>
    /// <param name="sourceFolder">Folder of the notebook, one below the repository's root.</param>
    public string Address(string link, string sourceFolder)
    {
        if (link.Length == 0 || link[0] is '#' or '/' || link.Contains(':', StringComparison.Ordinal))
            return link;
        var (path, fragment) = link.IndexOf('#', StringComparison.Ordinal) is >= 0 and var at ? (link[..at], link[at..]) : (link, "");
        var root = Path.GetDirectoryName(Path.GetFullPath(sourceFolder));
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(sourceFolder, Uri.UnescapeDataString(path))));
        if (root is null || !target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return link;
        if (!_copied.TryGetValue(target, out var address))
            _copied[target] = address = Copy(target, Path.GetRelativePath(root, target));
        return address is null ? link : address + fragment;
    }

    private string? Copy(string target, string name)
    {
        var copy = Path.Combine(outFolder, FolderName, name);
        if (File.Exists(target) && new FileInfo(target).Length <= LargestCopy)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Path.GetExtension(target) != ".md")
            {
                File.Copy(target, copy, overwrite: true);
                return Url(name);
            }
            var body = PageMarkdown.ToHtml(File.ReadAllText(target), [], Path.GetDirectoryName(target), relative => relative.StartsWith('#') || relative.Contains(':', StringComparison.Ordinal) ? relative : null);
            File.WriteAllText(copy + ".html", document(name, body));
            return Url(name + ".html");
        }
        if (!Directory.Exists(target) || Directory.GetFiles(target).Select(file => new FileInfo(file)).ToList() is not { Count: > 0 } files || files.Sum(file => file.Length) > LargestCopy)
            return null;
        Directory.CreateDirectory(copy);
        foreach (var file in files)
            file.CopyTo(Path.Combine(copy, file.Name), overwrite: true);
        File.WriteAllText(Path.Combine(copy, "index.html"), document(Path.GetFileName(target), Listing(files)));
        return Url(name + "/index.html");
    }

    // The files, the last picture, and what is short enough to read.
    private static string Listing(List<FileInfo> files)
    {
        var sorted = files.OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        var last = sorted.LastOrDefault(file => file.Extension == ".png")?.Name;
        var picture = last is null ? "" : $"<p><img alt=\"{HtmlEncode(last)}\" src=\"{Uri.EscapeDataString(last)}\"></p>\n";
        var items = sorted.Select(file => $"<li><a href=\"{Uri.EscapeDataString(file.Name)}\">{HtmlEncode(file.Name)}</a> ({(file.Length + 1023) / 1024} KiB)</li>\n");
        var contents = sorted.Where(file => file.Extension == ".json" && file.Length <= LargestShown)
            .Select(file => $"<h2>{HtmlEncode(file.Name)}</h2>\n<pre>{HtmlEncode(File.ReadAllText(file.FullName))}</pre>\n");
        return $"{picture}<ul>\n{string.Concat(items)}</ul>\n{string.Concat(contents)}";
    }

    private static string Url(string name) => string.Join('/', name.Split(Path.DirectorySeparatorChar, '/').Prepend(FolderName).Select(Uri.EscapeDataString));
}
