namespace DIDD.Data;

/// <summary>
/// PACS as its owners distribute it: pictures in <c>&lt;domain&gt;/&lt;class&gt;/</c> and the lists <c>&lt;domain&gt;_train_kfold.txt</c> and
/// <c>&lt;domain&gt;_crossval_kfold.txt</c> (METHOD §6). The class is that of the folder: one list calls a dog 0.
/// </summary>
internal static class PacsFolder
{
    // Some copies have this file under another name, or not at all (METHOD §6).
    private const string Renamed = "art_painting/dog/pic_248.jpg";

    private const long LargestList = 1 << 20;

    private static readonly string[] ImageFolders = ["images", "kfold", "Raw images/kfold", "."];
    private static readonly string[] ListFolders = ["texts", "splits", "Train val splits and h5py files pre-read", "."];

    /// <summary>Whether the folder looks like the official one.</summary>
    public static bool Exists(string folder) => Images(folder) is not null && Lists(folder) is not null;

    /// <summary>Reads the lists and finds the pictures of the parts <c>&lt;domain&gt;.train</c> and <c>&lt;domain&gt;.test</c>.</summary>
    /// <exception cref="DataSetException">A folder, list or picture is missing, or a list names a file outside its domain.</exception>
    public static ImageCatalogue Read(string folder, int size)
    {
        var images = Images(folder) ?? throw new DataSetException(
            $"{folder}: no pictures of PACS here; put the folders {string.Join(", ", PacsStream.AllDomains)} into {Path.Combine(folder, "images")} (data/README.md#pacs)");
        var lists = Lists(folder) ?? throw new DataSetException(
            $"{folder}: no lists of PACS here; put photo_train_kfold.txt and its seven sisters into {Path.Combine(folder, "texts")} (data/README.md#pacs)");
        var (parts, warnings, listed) = (new Dictionary<string, ImageCatalogue.Part>(), new List<string>(), new HashSet<string>());
        foreach (var domain in PacsStream.AllDomains)
            foreach (var (split, suffix) in new[] { ("train", "train"), ("test", "crossval") })
                parts[$"{domain}.{split}"] = List(Path.Combine(lists, $"{domain}_{suffix}_kfold.txt"), domain, images, warnings, listed);
        return new ImageCatalogue(folder, PacsStream.AllClasses, Mended(parts, images, warnings, listed), warnings, size);
    }

    private static string? Images(string folder) => ImageFolders.Select(sub => Path.Combine(folder, sub)).FirstOrDefault(
        images => PacsStream.AllDomains.All(domain => Directory.Exists(Path.Combine(images, domain))));

    private static string? Lists(string folder) => ListFolders.Select(sub => Path.Combine(folder, sub)).FirstOrDefault(
        lists => File.Exists(Path.Combine(lists, "photo_train_kfold.txt")));

    private static ImageCatalogue.Part List(string path, string domain, string images, List<string> warnings, HashSet<string> listed)
    {
        var (files, labels) = (new List<string>(), new List<int>());
        foreach (var (number, line) in ListFile.Read(path, LargestList))
        {
            var space = line.LastIndexOf(' ');
            var name = space < 0 ? "" : line[..space].TrimEnd();
            var label = name.Split('/') is [var of, var label_, var file] && of == domain && file.IndexOfAny(['\\', '\0']) < 0 && file is not ("" or "." or "..")
                ? PacsStream.AllClasses.IndexOf(label_)
                : -1;
            if (label < 0 || !int.TryParse(line[(space + 1)..], out var given))
                throw new DataSetException($"{path}, line {number}: '{Shown(line)}' is not {domain}/<class>/<file> and a label; copy the official list again");
            if (!listed.Add(name))
                throw new DataSetException($"{path}, line {number}: {Shown(name)} stands in the lists twice; copy the official lists again");
            if (given != label + 1)
                warnings.Add($"{path}, line {number}: calls {name} {given}; its folder says {label + 1}, which counts");
            files.Add(Path.Combine(images, name));
            labels.Add(label);
        }
        return new ImageCatalogue.Part(files, labels);
    }

    // Missing pictures end the reading, but for the one that some copies rename: it is found, or left out with a warning.
    private static Dictionary<string, ImageCatalogue.Part> Mended(Dictionary<string, ImageCatalogue.Part> parts, string images, List<string> warnings, HashSet<string> listed)
    {
        foreach (var (name, part) in parts.ToList())
            foreach (var (i, file) in part.Files.Index().Where(f => !File.Exists(f.Item)).ToList())
            {
                if (file != Path.Combine(images, Renamed))
                    throw new DataSetException($"{Shown(file)}: no such file, though the list of {name} names it; copy it there");
                var folder = Path.GetDirectoryName(file)!;
                var others = Directory.Exists(folder) ? Directory.GetFiles(folder).Where(f => !listed.Contains($"art_painting/dog/{Path.GetFileName(f)}")).ToList() : [];
                var same = others.Where(f => Path.GetFileName(f).StartsWith("pic_248", StringComparison.OrdinalIgnoreCase)).ToList();
                var found = same.Count == 1 ? same[0] : others.Count == 1 ? others[0] : null;
                warnings.Add(found is null ? $"{file}: missing, as in some copies; left out" : $"{file}: missing, as in some copies; {Path.GetFileName(found)} takes its place");
                parts[name] = found is null
                    ? new ImageCatalogue.Part([.. part.Files.Where((_, j) => j != i)], [.. part.Labels.Where((_, j) => j != i)])
                    : part with { Files = [.. part.Files.Select((f, j) => j == i ? found : f)] };
            }
        return parts;
    }

    private static string Shown(string text) => text.Length <= 200 ? text.Replace('\0', '?') : $"{text[..200].Replace('\0', '?')}…";
}
