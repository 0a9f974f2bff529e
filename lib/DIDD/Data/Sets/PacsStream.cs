using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>PACS: photo, art painting, cartoon, sketch; 7 classes; the official training and cross-validation lists (METHOD §6).</summary>
/// <param name="source">The pictures: the parts <c>&lt;domain&gt;.train</c> and <c>&lt;domain&gt;.test</c>.</param>
/// <param name="size">Height and width, pixels.</param>
/// <param name="device">Where the images live; the CPU by default.</param>
public sealed class PacsStream(IImageSource source, int size, Device? device = null) : StoredStream(device)
{
    internal static readonly List<string> AllDomains = ["photo", "art_painting", "cartoon", "sketch"];
    internal static readonly List<string> AllClasses = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"];
    internal static readonly IReadOnlyList<string> AllParts = [.. AllDomains.SelectMany(domain => new[] { $"{domain}.train", $"{domain}.test" })];

    /// <inheritdoc/>
    public override string Name => "pacs";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Domains => AllDomains;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => AllClasses;

    /// <inheritdoc/>
    public override ImageShape Shape { get; } = new(3, size, size);

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.ImageNet;

    /// <inheritdoc/>
    public override OfficialNormalization OfficialNormalization => new(Normalization, null);

    /// <inheritdoc/>
    public override string Provenance => "PACS (Li, Yang, Song, Hospedales, ICCV 2017), the official lists, antialiased bilinear resize";

    /// <inheritdoc/>
    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        var part = $"{AllDomains[domain]}.{(test ? "test" : "train")}";
        return (source.Images(part), source.Labels(part));
    }
}
