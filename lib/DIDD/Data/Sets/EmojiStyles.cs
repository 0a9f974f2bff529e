namespace DIDD.Data;

/// <summary>
/// EmojiStyles: 782 emoji in six drawing styles, 8 classes, 626 for training and 156 for test, the same emoji in every domain
/// (data/README.md#emoji-styles). A style is one PNG of tiles per side, 32 tiles a row.
/// </summary>
internal sealed class EmojiStyles(string folder, int size, Device? device = null) : StoredStream(
    "emoji-styles", AllDomains, AllClasses, size,
    "EmojiStyles: Fluent Emoji, Noto Emoji, Twemoji, OpenMoji; sources and licences in data/emoji-styles/ATTRIBUTION.md", device)
{
    private static readonly PublishedCounts OfAStyle = new([84, 34, 112, 108, 98, 46, 32, 112], [21, 8, 28, 27, 25, 11, 8, 28]);

    internal static readonly IReadOnlyList<string> DefaultOrder = ["render", "shaded", "flat", "line"];
    internal static readonly IReadOnlyList<string> AllDomains = [.. DefaultOrder, "outline", "contrast"];
    internal static readonly IReadOnlyList<string> AllClasses = ["face", "hand", "person", "animal", "food", "vehicle", "building", "sign"];

    public static DataSetEntry Entry { get; } = new(
        "emoji-styles", asked => new EmojiStyles(DataSetInfo.Of("emoji-styles").Find(asked.Root), Entry!.SizeOf(asked.Settings), asked.Device), _ => AllDomains)
    {
        Row = 3,
        Sources =
        [
            new("emoji-styles", "emoji-styles", "782 emoji in six drawing styles, of which four are the default", "in this repository", "4,692 images at two sizes, 15 MB", "by style: MIT, Apache-2.0, CC BY 4.0, CC BY-SA 4.0, OFL (ATTRIBUTION.md)",
                "`git checkout -- data/emoji-styles` restores it", []),
        ],
        Count = asked => Math.Min(asked.Domains, DefaultOrder.Count),
        Classes = _ => AllClasses,
        LargestBatch = _ => OfAStyle.Train.Min(),
        // An image at the start takes four of a class.
        Ipcs = [1, 5],
        Published = (_, _) => OfAStyle,
    };

    private const int TilesInRow = 32;

    private readonly Checksums _files = new(folder);

    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        var (side, size) = (test ? "test" : "train", Shape.Height);
        var (file, labels) = ($"{size}/{AllDomains[domain]}_{side}.png", Labels(side));
        using var scope = NewDisposeScope();
        var sheet = ImageFile.Decode(_files.Content(file), Path.Combine(folder, file)).narrow(0, 0, 3);
        if (sheet.shape[1] % size != 0 || sheet.shape[2] != TilesInRow * size || sheet.shape[1] / size * TilesInRow < labels.Count)
            throw new DataSetException($"{Path.Combine(folder, file)}: {sheet.shape[2]}×{sheet.shape[1]} pixels do not hold {labels.Count} tiles of {size}; restore it with `git checkout -- data/emoji-styles`");
        var tiles = sheet.unflatten(1, [-1, size]).unflatten(3, [TilesInRow, size]).permute(1, 3, 0, 2, 4).flatten(0, 1);
        return (tiles.narrow(0, 0, labels.Count).contiguous().MoveToOuterDisposeScope(), labels);
    }

    // split,index,row,col,class_id,class,…: ascending index within a split.
    private List<int> Labels(string side)
    {
        const string name = "labels.csv";
        var labels = new List<int>();
        foreach (var (number, line) in Encoding.UTF8.GetString(_files.Content(name)).Split('\n').Index().Skip(1).Where(l => l.Item.StartsWith(side + ",", StringComparison.Ordinal)))
        {
            var cells = line.Split(',');
            if (cells.Length < 6 || cells[1] != labels.Count.ToString(CultureInfo.InvariantCulture) || !AllClasses.Contains(cells[5]))
                throw new DataSetException($"{Path.Combine(folder, name)}, line {number + 1}: expected {side},{labels.Count},… and one of the classes {string.Join(", ", AllClasses)}; restore it with `git checkout -- data/emoji-styles`");
            labels.Add(AllClasses.Index().First(c => c.Item == cells[5]).Index);
        }
        return labels;
    }
}
