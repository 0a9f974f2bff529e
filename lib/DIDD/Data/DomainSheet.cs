namespace DIDD.Data;

/// <summary>A picture of a stream: a row per domain, a column per class, in each cell the first training image.</summary>
public static class DomainSheet
{
    /// <summary>Writes the sheet as PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">The domains.</param>
    public static void Save(string path, DomainStream stream)
    {
        using var scope = NewDisposeScope();
        var first = Enumerable.Range(0, stream.Domains.Count).Select(stream.Train)
            .Select(train => train.Images(tensor(train.ByClass.Select(images => images[0]).ToArray())));
        ImageFile.WriteSheet(path, stack([.. first]));
    }
}
