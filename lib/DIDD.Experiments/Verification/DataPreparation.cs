namespace DIDD.Experiments;

/// <summary>Decodes the official folder of a data set once, into the cache that runs read.</summary>
public static class DataPreparation
{
    /// <summary>Prepares a data set that can be: PACS or CORe50.</summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="from">The folder with the owners' files.</param>
    /// <param name="size">Height and width, pixels: 32 or 64.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <param name="progress">Takes the number of pictures done and of those in all, from any thread.</param>
    /// <param name="cancellation">Stops the work; the same call goes on after the parts that are done.</param>
    /// <returns>The cache, and what was odd but could be mended.</returns>
    /// <exception cref="SpecException">This data set needs no preparation, or there is no such size.</exception>
    /// <exception cref="DataSetException">The folder is not the official one, a picture is missing or damaged, or there is a cache already.</exception>
    public static (string Path, IReadOnlyList<string> Warnings) Prepare(
        string name, string from, int size, string? root = null, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        var information = DataSetInfo.Of(name);
        if (size is not (32 or 64))
            throw new SpecException($"--size {size}: choose 32 or 64");
        var read = DataSetEntry.ByName.GetValueOrDefault(name)?.Prepare ?? throw new SpecException($"{name}: nothing to prepare; runs read its files as they are ({information.Put})");
        var catalogue = read(from, size);
        var path = ImageCache.PathOf(information.Home(root), name, size);
        if (File.Exists(path))
            throw new DataSetException($"{path}: is there already and is not replaced; delete or move it to prepare {name} again, or name another folder with --data");
        Directory.CreateDirectory(information.Home(root));
        var all = catalogue.Parts.Sum(part => catalogue.Labels(part).Count);
        ImageCache.Write(path, name, catalogue, size, done => progress?.Invoke(done, all), cancellation);
        return (path, catalogue.Warnings);
    }
}
