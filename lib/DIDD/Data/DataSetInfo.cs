namespace DIDD.Data;

/// <summary>A file that the owners of a data set publish.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Md5">Its MD5, as they publish it.</param>
public sealed record PublishedFile(Uri Address, string Md5)
{
    /// <summary>Its name.</summary>
    public string Name => Path.GetFileName(Address.AbsolutePath);
}

/// <summary>What is known of a data set without having it. It is looked for in the folder of data sets that is given, if one is, before all others.</summary>
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
    /// <summary>Whether its images, and what is made of them, may be passed on.</summary>
    public bool MayBePassedOn { get; init; } = true;

    /// <summary>All data sets, in the order of their entries.</summary>
    public static IReadOnlyList<DataSetInfo> All => [.. DataSetEntry.ByName.Values.SelectMany(entry => entry.Sources)];

    /// <summary>The data set of that name.</summary>
    /// <exception cref="DataSetException">There is none.</exception>
    public static DataSetInfo Of(string name) => All.FirstOrDefault(set => set.Name == name)
        ?? throw new DataSetException($"{name}: no such data set; choose one of {string.Join(", ", All.Select(set => set.Name))}");

    /// <summary>The folder of the data set.</summary>
    /// <exception cref="DataSetException">There is none; the message says where to get the set and where to put it.</exception>
    public string Find(string? root = null) => Present(root) ?? throw Missing(root);

    /// <summary>The folder of the data set, or null where there is none.</summary>
    public string? Present(string? root = null)
    {
        var places = DataFolder.Places(Folder, root).Where(Directory.Exists).ToList();
        // What comes with the repository has its checksums beside it; a folder of the same name without them may be the pictures it was made from.
        return root is null ? places.Find(place => File.Exists(Path.Combine(place, Checksums.FileName))) ?? places.FirstOrDefault() : places.FirstOrDefault();
    }

    /// <summary>The folder into which the data set is written: below <paramref name="root"/> where it is given, whatever other places hold; else below the first of the folders of data sets.</summary>
    /// <exception cref="DataSetException">There is no folder of data sets.</exception>
    public string Home(string? root = null) => Path.Combine(
        !string.IsNullOrWhiteSpace(root) ? Path.GetFullPath(root)
        : DataFolder.Roots() is [var first, ..] ? first
        : throw new DataSetException($"{Name}: no folder of data sets; run inside the repository, or name one with --data or {DataFolder.Variable}"), Folder);

    /// <summary>What to do where the data set is missing.</summary>
    public DataSetException Missing(string? root = null) => new(
        $"{Name}: not here ({What}). Published by its owners: {Owners}; {Size}; licence: {Licence}. "
        + $"Put into {(root is not null || DataFolder.Roots().Count > 0 ? Home(root) : $"{Folder}/ of the folder named with --data or {DataFolder.Variable}")}: {Put} (data/README.md#{Folder})");
}
