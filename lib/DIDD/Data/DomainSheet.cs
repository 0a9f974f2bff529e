namespace DIDD.Data;

/// <summary>A picture of a stream: a row per domain, a column per class, in each cell the first training image.</summary>
public static class DomainSheet
{
    private const byte White = 255;

    /// <summary>Writes the sheet as PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="gap">Pixels between images.</param>
    public static void Save(string path, DomainStream stream, int gap = 2)
    {
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(0, stream.Domains.Count).Select(domain =>
        {
            var train = stream.Train(domain);
            var images = train.Images(tensor(train.ByClass.Select(images => images[0]).ToArray())).cpu();
            return cat([.. nn.functional.pad(images, [0, gap, 0, gap], value: White).unbind(0)], 2);
        });
        ImageFile.WritePng(path, nn.functional.pad(cat([.. rows], 1), [gap, 0, gap, 0], value: White));
    }
}
