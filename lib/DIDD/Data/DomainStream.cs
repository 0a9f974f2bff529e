namespace DIDD.Data;

/// <summary>
/// Where the classes of a stream stand among all C classes of the set that is distilled. All draws, and the order of the classes within an iteration, go by
/// that position, so that a part of the classes is computed as it would be in the whole.
/// </summary>
/// <param name="First">Position of the first class, from 0.</param>
/// <param name="All">C.</param>
public readonly record struct ClassShard(int First, int All);

/// <summary>Shape of an image.</summary>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public sealed record ImageShape(int Channels, int Height, int Width)
{
    /// <summary>That of images, [...,channels,H,W].</summary>
    public static ImageShape Of(Tensor images) => new((int)images.shape[^3], (int)images.shape[^2], (int)images.shape[^1]);
}

/// <summary>
/// Domains D_1 … D_T that arrive one after another, all with the same classes and image shape (METHOD §1). It is made of what its properties say; without an
/// official normalisation both sides have the same, and without a shard the classes are all.
/// </summary>
public abstract class DomainStream(
    string name, IReadOnlyList<string> domains, IReadOnlyList<string> classes, ImageShape shape, Normalization normalization, string provenance,
    OfficialNormalization? official = null, ClassShard? shard = null) : IDisposable
{
    /// <summary>Name of the stream, such as <c>r-mnist</c>.</summary>
    public string Name => name;

    /// <summary>Names of the domains, in the order in which they arrive.</summary>
    public IReadOnlyList<string> Domains => domains;

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Classes => classes;

    /// <summary>Where these classes stand among those of the set that is distilled: they are all of them, but for a shard.</summary>
    public ClassShard Shard => shard ?? new(0, classes.Count);

    /// <summary>Channels, height and width of an image.</summary>
    public ImageShape Shape => shape;

    /// <summary>Mean and deviation of the pixels in [0,1].</summary>
    public Normalization Normalization => normalization;

    /// <summary>The normalisation of the authors' evaluation; the same on both sides unless the stream says otherwise.</summary>
    public OfficialNormalization OfficialNormalization => official ?? new(normalization, normalization);

    /// <summary>Where the images come from, in a sentence.</summary>
    public string Provenance => provenance;

    /// <summary>The classes of which a domain has images, ascending; all unless classes arrive one after another.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    public virtual IReadOnlyList<int> ClassesAt(int domain) => [.. Enumerable.Range(0, Classes.Count)];

    /// <summary>Training images of a domain, 0 ≤ <paramref name="domain"/> &lt; T.</summary>
    public abstract DomainSet Train(int domain);

    /// <summary>Test images of a domain, 0 ≤ <paramref name="domain"/> &lt; T.</summary>
    public abstract DomainSet Test(int domain);

    /// <summary>Releases the images.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
