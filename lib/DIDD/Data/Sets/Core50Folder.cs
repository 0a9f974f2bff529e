namespace DIDD.Data;

/// <summary>
/// CORe50 as its owners distribute it: <c>core50_128x128/s1…s11/o1…o50/C_ss_oo_fff.png</c>, or the 32×32 version (METHOD §6). Frames may be
/// missing, and files of other names (<c>@eaDir</c>, <c>.DS_Store</c>, <c>Thumbs.db</c>) are passed over.
/// </summary>
internal static partial class Core50Folder
{
    private static readonly string[] Roots = ["core50_128x128", "core50_32x32", "."];

    /// <summary>Whether the folder looks like the official one.</summary>
    public static bool Exists(string folder) => Root(folder) is not null;

    /// <summary>Lists the frames of the sessions that are there, parts <c>s1</c> to <c>s11</c> with labels by object, by objects and numbers.</summary>
    /// <exception cref="DataSetException">There is no session, an object of a session has no frame, or a frame lies in the wrong folder.</exception>
    public static ImageCatalogue Read(string folder, int size)
    {
        var root = Root(folder) ?? throw new DataSetException($"{folder}: no sessions of CORe50 here; unpack core50_128x128.zip, so that there is {Path.Combine(folder, "core50_128x128", "s1", "o1")} (data/README.md#core50)");
        var parts = new Dictionary<string, ImageCatalogue.Part>();
        foreach (var (s, session) in Core50Stream.Sessions.Index())
        {
            if (!Directory.Exists(Path.Combine(root, session)))
                continue;
            var (files, labels) = (new List<string>(), new List<int>());
            for (var o = 0; o < Core50Stream.Objects.Count; o++)
            {
                var frames = Frames(Path.Combine(root, session, Core50Stream.Objects[o]), s + 1, o + 1);
                files.AddRange(frames);
                labels.AddRange(Enumerable.Repeat(o, frames.Count));
            }
            parts[session] = new ImageCatalogue.Part(files, labels);
        }
        return new ImageCatalogue(root, Core50Stream.Objects, parts, [], size);
    }

    private static string? Root(string folder) => Roots.Select(sub => Path.GetFullPath(Path.Combine(folder, sub)))
        .FirstOrDefault(root => Core50Stream.Sessions.Any(session => Directory.Exists(Path.Combine(root, session, "o1"))));

    private static List<string> Frames(string folder, int session, int number)
    {
        if (!Directory.Exists(folder))
            return [];
        var frames = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            if (Frame().Match(Path.GetFileName(file)) is { Success: true } match)
                frames.Add(Number(match, "session") == session && Number(match, "object") == number
                    ? file
                    : throw new DataSetException($"{file}: by its name a frame of session {Number(match, "session")}, object {Number(match, "object")}; move it to its folder"));
        return frames;
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^C_(?<session>[0-9]{2})_(?<object>[0-9]{2})_[0-9]{3}\.png$", RegexOptions.CultureInvariant)]
    private static partial Regex Frame();
}
