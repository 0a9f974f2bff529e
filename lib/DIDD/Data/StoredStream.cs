namespace DIDD.Data;

/// <summary>
/// A stream of square colour pictures, of a size in pixels, whose domains are read or made when they are first asked for, and then stay in memory, on a device,
/// the CPU by default.
/// </summary>
public abstract class StoredStream(
    string name, IReadOnlyList<string> domains, IReadOnlyList<string> classes, int size, string provenance, Device? device,
    OfficialNormalization? official = null)
    : DomainStream(name, domains, classes, new ImageShape(3, size, size), Normalization.ImageNet, provenance, official)
{
    private readonly Dictionary<(int Domain, bool Test), StoredSet> _sets = [];

    /// <inheritdoc/>
    public override DomainSet Train(int domain) => Set(domain, test: false);

    /// <inheritdoc/>
    public override DomainSet Test(int domain) => Set(domain, test: true);

    /// <summary>Reads or makes the images of one side of a domain.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="test">Whether the test images are asked for.</param>
    /// <returns>[N,3,size,size], 8-bit, and N classes.</returns>
    /// <exception cref="DataSetException">Files are missing or damaged.</exception>
    protected abstract (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test);

    /// <summary>Whether all domains have the same test images.</summary>
    protected virtual bool SharesTest => false;

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var set in _sets.Values)
            set.Pixels.Dispose();
        _sets.Clear();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    private StoredSet Set(int domain, bool test)
    {
        var key = (test && SharesTest ? 0 : domain, test);
        if (_sets.TryGetValue(key, out var loaded))
            return loaded;
        using var scope = NewDisposeScope();
        var (images, labels) = Load(key.Item1, test);
        return _sets[key] = new StoredSet(images.to(device ?? CPU).DetachFromDisposeScope(), labels, Classes.Count);
    }

    // A domain's images in memory, [N,3,size,size].
    private sealed class StoredSet(Tensor pixels, IReadOnlyList<int> labels, int classes) : DomainSet(labels, classes)
    {
        public Tensor Pixels => pixels;

        public override Tensor Images(Tensor indices) => pixels.index_select(0, indices.to(pixels.device));
    }
}
