namespace DIDD.Data;

/// <summary>PACS: photo, art painting, cartoon, sketch; 7 classes; the official training and cross-validation lists (METHOD §6).</summary>
internal sealed class PacsStream(IImageSource source, int size, Device? device) : StoredStream(
    "pacs", AllDomains, AllClasses, size, "PACS (Li, Yang, Song, Hospedales, ICCV 2017), the official lists, antialiased bilinear resize", device,
    new OfficialNormalization(Normalization.ImageNet, null))
{
    internal static readonly List<string> AllDomains = ["photo", "art_painting", "cartoon", "sketch"];
    internal static readonly List<string> AllClasses = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"];

    public static DataSetEntry Entry { get; } = new(
        "pacs", asked => new PacsStream(ImageCache.Or(Entry!, AllClasses, asked, PacsFolder.Exists), Entry!.SizeOf(asked.Settings), asked.Device), _ => AllDomains)
    {
        Row = 2,
        Sources =
        [
            new("pacs", "pacs", "photos, art paintings, cartoons and sketches of 7 classes", "eecs.qmul.ac.uk/~dl307/project_iccv2017", "9,991 images of 227×227, no checksum published",
                "not stated; not to be passed on", "images/<domain>/<class>/… and texts/<domain>_train_kfold.txt, …_crossval_kfold.txt, or what `didd data prepare pacs --from <them>` makes of them", [])
            {
                MayBePassedOn = false,
            },
        ],
        Classes = _ => AllClasses,
        Batch = 64,
        Published = (_, domain) => domain switch
        {
            "photo" => new([170, 181, 163, 167, 179, 251, 388], [19, 21, 19, 19, 20, 29, 44]),
            "art_painting" => new([341, 229, 256, 165, 180, 265, 404], [38, 26, 29, 19, 21, 30, 45]),
            "cartoon" => new([350, 411, 311, 121, 291, 259, 364], [39, 46, 35, 14, 33, 29, 41]),
            _ => new([694, 665, 677, 547, 734, 71, 143], [78, 75, 76, 61, 82, 9, 17]),
        },
        Prepare = PacsFolder.Read,
    };

    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        var part = $"{AllDomains[domain]}.{(test ? "test" : "train")}";
        return (source.Images(part), source.Labels(part));
    }
}
