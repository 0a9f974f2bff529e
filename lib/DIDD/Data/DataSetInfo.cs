namespace DIDD.Data;

/// <summary>A file that the owners of a data set publish.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Md5">Its MD5, as they publish it.</param>
public sealed record PublishedFile(Uri Address, string Md5)
{
    /// <summary>Its name.</summary>
    public string Name => Path.GetFileName(Address.AbsolutePath);
}

/// <summary>What is known of a data set without having it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Folder">Its folder in a folder of data sets.</param>
/// <param name="What">What it is.</param>
/// <param name="Owners">Where its owners publish it.</param>
/// <param name="Size">Its size.</param>
/// <param name="Licence">Its licence.</param>
/// <param name="Put">What to put into the folder.</param>
/// <param name="Files">What <c>didd data fetch</c> can download.</param>
public sealed record DataSetInfo(string Name, string Folder, string What, string Owners, string Size, string Licence, string Put, IReadOnlyList<PublishedFile> Files)
{
    private const string FashionMnist = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/";

    /// <summary>Whether its images, and what is made of them, may be passed on.</summary>
    public bool MayBePassedOn { get; private init; } = true;

    /// <summary>All data sets.</summary>
    public static IReadOnlyList<DataSetInfo> All { get; } =
    [
        new("r-mnist", "mnist", "handwritten digits, a domain per rotation", "yann.lecun.com/exdb/mnist; in this repository", "70,000 images, 11 MB", "not stated; often quoted as CC BY-SA 3.0",
            "the four idx files; `git checkout -- data/mnist` restores them", []),
        new("fashion-mnist", "fashion-mnist", "clothes in MNIST's files: --dataset r-mnist --set data.source=fashion-mnist", "github.com/zalandoresearch/fashion-mnist", "70,000 images, four idx files", "MIT",
            "the four idx files, as `didd data fetch fashion-mnist` does; or name the folder of Debian's dataset-fashion-mnist (dpkg -L) as data.source",
            [
                new(new(FashionMnist + "train-images-idx3-ubyte.gz"), "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                new(new(FashionMnist + "train-labels-idx1-ubyte.gz"), "25c81989df183df01b3e8a0aad5dffbe"),
                new(new(FashionMnist + "t10k-images-idx3-ubyte.gz"), "bef4ecab320f06d8554ea6380940ec79"),
                new(new(FashionMnist + "t10k-labels-idx1-ubyte.gz"), "bb300cfdad3c16e7a12a480ee83cd310"),
            ]),
        new("core50", "core50", "50 hand-held objects filmed in 11 sessions", "vlomonaco.github.io/core50", "164,866 images; core50_128x128.zip, MD5 745f3373fed08d69343f1058ee559e13, or core50_32x32.zip, MD5 d89d34cdc0281fa84074430e9a22b728",
            "CC BY 4.0 (owners' page)", "the unpacked core50_128x128 or core50_32x32, or what `didd data prepare core50 --from <unpacked>` makes of it",
            [
                new(new("https://vps.continualai.org/data/core50_32x32.zip"), "d89d34cdc0281fa84074430e9a22b728"),
                new(new("https://bias.csr.unibo.it/maltoni/download/core50/core50_128x128.zip"), "745f3373fed08d69343f1058ee559e13"),
            ]),
        new("pacs", "pacs", "photos, art paintings, cartoons and sketches of 7 classes", "eecs.qmul.ac.uk/~dl307/project_iccv2017", "9,991 images of 227×227, no checksum published",
            "not stated; not to be passed on", "images/<domain>/<class>/… and texts/<domain>_train_kfold.txt, …_crossval_kfold.txt, or what `didd data prepare pacs --from <them>` makes of them", [])
        {
            MayBePassedOn = false,
        },
        new("emoji-styles", "emoji-styles", "782 emoji in six drawing styles", "in this repository", "4,692 images at two sizes, 15 MB", "by style: MIT, Apache-2.0, CC BY 4.0, CC BY-SA 4.0, OFL (ATTRIBUTION.md)",
            "`git checkout -- data/emoji-styles` restores it", []),
        new("emoji-sessions", "emoji-sprites", "40 emoji filmed in 11 synthetic sessions: a stand-in for a session shift, not CORe50", "in this repository", "40 sprites, 0.4 MB", "MIT (ATTRIBUTION.md)",
            "`git checkout -- data/emoji-sprites` restores it", []),
    ];

    /// <summary>The data set of that name.</summary>
    /// <exception cref="DataSetException">There is none.</exception>
    public static DataSetInfo Of(string name) => All.FirstOrDefault(set => set.Name == name)
        ?? throw new DataSetException($"{name}: no such data set; choose one of {string.Join(", ", All.Select(set => set.Name))}");

    /// <summary>The folder of the data set.</summary>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <exception cref="DataSetException">There is none; the message says where to get the set and where to put it.</exception>
    public string Find(string? root = null) => Present(root) ?? throw Missing(root);

    /// <summary>The folder of the data set, or null where there is none.</summary>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    public string? Present(string? root = null)
    {
        var places = DataFolder.Places(Folder, root).Where(Directory.Exists).ToList();
        // What comes with the repository has its checksums beside it; a folder of the same name without them may be the pictures it was made from.
        return root is null ? places.Find(place => File.Exists(Path.Combine(place, Checksums.FileName))) ?? places.FirstOrDefault() : places.FirstOrDefault();
    }

    /// <summary>The folder into which the data set is written: below <paramref name="root"/> where it is given, whatever other places hold; else below the first of the folders of data sets.</summary>
    /// <param name="root">A folder of data sets, or null.</param>
    /// <exception cref="DataSetException">There is no folder of data sets.</exception>
    public string Home(string? root = null) => Path.Combine(
        !string.IsNullOrWhiteSpace(root) ? Path.GetFullPath(root)
        : DataFolder.Roots() is [var first, ..] ? first
        : throw new DataSetException($"{Name}: no folder of data sets; run inside the repository, or name one with --data or {DataFolder.Variable}"), Folder);

    /// <summary>What to do where the data set is missing.</summary>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    public DataSetException Missing(string? root = null) => new(
        $"{Name}: not here ({What}). Published by its owners: {Owners}; {Size}; licence: {Licence}. "
        + $"Put into {(root is not null || DataFolder.Roots().Count > 0 ? Home(root) : $"{Folder}/ of the folder named with --data or {DataFolder.Variable}")}: {Put} (data/README.md#{Folder})");
}
