namespace DIDD.Data;

/// <summary>Domains D_1 … D_T that arrive one after another, all with the same image shape and, unless <see cref="ClassesAt"/> says otherwise, the same classes (METHOD §1).</summary>
public abstract class DomainStream : IDisposable
{
    /// <summary>Name of the stream, such as <c>r-mnist</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Names of the domains, in the order in which they arrive.</summary>
    public abstract IReadOnlyList<string> Domains { get; }

    /// <summary>Names of the classes.</summary>
    public abstract IReadOnlyList<string> Classes { get; }

    /// <summary>Where these classes stand among those of the set that is distilled: they are all of them, but for a shard.</summary>
    public virtual ClassShard Shard => new(0, Classes.Count);

    /// <summary>Channels, height and width of an image.</summary>
    public abstract ImageShape Shape { get; }

    /// <summary>Mean and deviation of the pixels in [0,1].</summary>
    public abstract Normalization Normalization { get; }

    /// <summary>The normalisation of the authors' evaluation; the same on both sides unless the stream says otherwise.</summary>
    public virtual OfficialNormalization OfficialNormalization => new(Normalization, Normalization);

    /// <summary>Where the images come from, in a sentence.</summary>
    public abstract string Provenance { get; }

    /// <summary>The classes of which a domain has images, ascending; all unless classes arrive one after another.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    public virtual IReadOnlyList<int> ClassesAt(int domain) => [.. Enumerable.Range(0, Classes.Count)];

    /// <summary>Training images of a domain, 0 ≤ <paramref name="domain"/> &lt; T.</summary>
    public abstract DomainSet Train(int domain);

    /// <summary>Test images of a domain, 0 ≤ <paramref name="domain"/> &lt; T.</summary>
    public abstract DomainSet Test(int domain);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the images.</summary>
    protected abstract void Dispose(bool disposing);
}
