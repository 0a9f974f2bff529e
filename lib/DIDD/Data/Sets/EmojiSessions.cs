namespace DIDD.Data;

/// <summary>
/// EmojiSessions, a synthetic stand-in for a session shift like CORe50's, which it is not: 40 emoji (5 of each of 8 categories) move through 11
/// sessions. A session has a background texture, a light and a colour cast; in it every object follows a smooth path of angle, scale and
/// position for 60 frames, of which a block of 12 in a row is for test. All follows from the seed.
/// </summary>
internal sealed partial class EmojiSessions : StoredStream
{
    internal const int Frames = 60, TestFrames = 12;

    internal static readonly IReadOnlyList<string> Sessions = [.. Enumerable.Range(1, 11).Select(n => string.Create(CultureInfo.InvariantCulture, $"s{n}"))];

    private const int ObjectsPerCategory = 5;

    public static DataSetEntry Entry { get; } = new("emoji-sessions", Open, _ => Sessions)
    {
        Row = 4,
        Resolutions = [32, 64, 96, 128],
        Sources =
        [
            new("emoji-sessions", "emoji-sprites", "40 emoji filmed in 11 synthetic sessions: a stand-in for a session shift, not CORe50", "in this repository", "40 sprites, 0.4 MB", "MIT (ATTRIBUTION.md)",
                "`git checkout -- data/emoji-sprites` restores it", []),
        ],
        Classes = settings => ClassesOf(settings.Labels),
        Labels = LabelLevel.Categories,
        Published = (_, _) => PublishedCounts.Even(EmojiStyles.AllClasses.Count, ObjectsPerCategory * (Frames - TestFrames), ObjectsPerCategory * TestFrames),
    };

    private readonly LabelLevel _level;
    private readonly Randomness _randomness;
    private readonly int _size;
    private readonly IReadOnlyList<Sprite> _sprites;

    /// <exception cref="DataSetException">A sprite is missing or damaged.</exception>
    public EmojiSessions(string folder, int size, LabelLevel level, Randomness randomness, Device? device) : base(
        "emoji-sessions", Sessions, ClassesOf(level), size,
        "EmojiSessions: synthetic, generated from 40 Fluent Emoji (Microsoft, MIT); a stand-in for a session shift, not CORe50", device)
    {
        (_size, _level, _randomness) = (size, level, randomness);
        var files = new Checksums(folder);
        _sprites = [.. ObjectNames.Select(name => files.Files.Where(file => FileName().Match(file) is { Success: true } match && match.Groups["name"].Value == name).ToList() is [var file]
            ? new Sprite(files.Content(file), Path.Combine(folder, file), size * 3 / 2)
            : throw new DataSetException($"{Path.Combine(folder, Checksums.FileName)}: expected one sprite {name}-<code points>.png; restore it with `git checkout -- data/emoji-sprites`"))];
    }

    private static EmojiSessions Open(DataRequest asked) =>
        new(DataSetInfo.Of("emoji-sessions").Find(asked.Root), Entry.SizeOf(asked.Settings), asked.Settings.Labels, new Randomness(asked.Settings.Seed), asked.Device);

    private static IReadOnlyList<string> ObjectNames =>
        [.. EmojiStyles.AllClasses.SelectMany(category => Enumerable.Range(1, ObjectsPerCategory).Select(n => string.Create(CultureInfo.InvariantCulture, $"{category}-{n}")))];

    internal static IReadOnlyList<string> ClassesOf(LabelLevel level) => level == LabelLevel.Objects ? ObjectNames : EmojiStyles.AllClasses;

    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        var scene = new SessionScene(_randomness.Stream(Purpose.SessionScene, domain));
        var count = test ? TestFrames : Frames - TestFrames;
        var bytes = 3 * _size * _size;
        var pixels = new byte[_sprites.Count * count * bytes];
        Parallel.For(0, _sprites.Count, o =>
        {
            var stream = _randomness.Stream(Purpose.SessionPath, domain, o);
            var path = new SessionPath(stream);
            var block = stream.NextInteger(0, Frames - TestFrames + 1);
            var frames = Enumerable.Range(0, Frames).Where(frame => (frame >= block && frame < block + TestFrames) == test);
            foreach (var (i, frame) in frames.Index())
                scene.Render(_sprites[o], path, (double)frame / Frames, _size, pixels.AsSpan((o * count + i) * bytes, bytes));
        });
        var labels = Enumerable.Range(0, _sprites.Count * count).Select(i => i / count / (_level == LabelLevel.Objects ? 1 : ObjectsPerCategory));
        return (tensor(pixels, dtype: ScalarType.Byte).view(-1, 3, _size, _size), [.. labels]);
    }

    [GeneratedRegex(@"^(?<name>[a-z]+-[1-5])-[0-9a-f-]+\.png$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
