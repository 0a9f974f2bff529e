namespace DIDD.Data;

/// <summary>
/// Seq-CORe50: the sessions of CORe50 one after another, parts <c>s1</c> to <c>s11</c> with labels by object; 50 objects or their 10 categories; the paper's
/// split or CORe50's own (METHOD §6).
/// </summary>
internal sealed class Core50Stream(IImageSource source, int size, LabelLevel level, SessionSplit split, Randomness randomness, Device? device) : StoredStream(
    "core50", DomainsOf(split), ClassesOf(level), size,
    $"CORe50 (Lomonaco, Maltoni, CoRL 2017), {(split == SessionSplit.PerSession ? "80/20 split of every session" : "new instances, tested on s3, s7 and s10")}",
    device)
{
    public static DataSetEntry Entry { get; } = new("core50", Open, asked => DomainsOf(asked.Settings.Split))
    {
        Row = 1,
        Sources =
        [
            new("core50", "core50", "50 hand-held objects filmed in 11 sessions", "vlomonaco.github.io/core50", "164,866 images; core50_128x128.zip, MD5 745f3373fed08d69343f1058ee559e13, or core50_32x32.zip, MD5 d89d34cdc0281fa84074430e9a22b728",
                "CC BY 4.0 (owners' page)", "the unpacked core50_128x128 or core50_32x32, or what `didd data prepare core50 --from <unpacked>` makes of it",
                [
                    new(new("https://vps.continualai.org/data/core50_32x32.zip"), "d89d34cdc0281fa84074430e9a22b728"),
                    new(new("https://bias.csr.unibo.it/maltoni/download/core50/core50_128x128.zip"), "745f3373fed08d69343f1058ee559e13"),
                ]),
        ],
        Classes = settings => ClassesOf(settings.Labels),
        // Five times as many classes as others.
        LargestBatch = profile => profile == "smoke" ? 8 : int.MaxValue,
        // Frames per object are not published, only that there are as many in all.
        PublishedImages = 164_866,
        Prepare = Core50Folder.Read,
    };

    internal static readonly IReadOnlyList<string> Sessions = [.. Numbered("s", 11)];
    internal static readonly IReadOnlyList<string> Objects = [.. Numbered("o", 50)];
    internal static readonly IReadOnlyList<string> Categories =
        ["plug_adapter", "mobile_phone", "scissor", "light_bulb", "can", "glass", "ball", "marker", "cup", "remote_control"];

    private const int ObjectsPerCategory = 5;
    private const double TrainingShare = 0.8;

    private static readonly IReadOnlyList<string> TestSessions = ["s3", "s7", "s10"];

    protected override bool SharesTest => split == SessionSplit.NewInstances;

    internal static IReadOnlyList<string> DomainsOf(SessionSplit split) => split == SessionSplit.PerSession ? Sessions : [.. Sessions.Except(TestSessions)];

    internal static IReadOnlyList<string> ClassesOf(LabelLevel level) => level == LabelLevel.Objects ? Objects : Categories;

    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        if (split == SessionSplit.NewInstances)
        {
            var sessions = test ? TestSessions : [Domains[domain]];
            return (cat([.. sessions.Select(session => source.Images(session))]), [.. sessions.SelectMany(source.Labels).Select(Class)]);
        }
        var labels = source.Labels(Domains[domain]);
        var order = randomness.Draw(labels.Count, labels.Count, Purpose.SessionSplit, domain);
        var training = (int)(labels.Count * TrainingShare);
        var chosen = order.Skip(test ? training : 0).Take(test ? labels.Count - training : training).Select(i => (int)i).Order().ToArray();
        return (source.Images(Domains[domain], chosen), [.. chosen.Select(i => Class(labels[i]))]);
    }

    private static Core50Stream Open(DataRequest asked) => new(
        ImageCache.Or(Entry, Objects, asked, Core50Folder.Exists), Entry.SizeOf(asked.Settings), asked.Settings.Labels, asked.Settings.Split, new Randomness(asked.Settings.Seed), asked.Device);

    private int Class(int label) => level == LabelLevel.Objects ? label : label / ObjectsPerCategory;

    private static IEnumerable<string> Numbered(string letter, int count) => Enumerable.Range(1, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"{letter}{n}"));
}
