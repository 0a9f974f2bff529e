using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>A stream whose domains are read or made when they are first asked for, and then stay in memory.</summary>
/// <param name="device">Where the images live; the CPU by default.</param>
public abstract class StoredStream(Device? device) : DomainStream
{
    private readonly Dictionary<(int Domain, bool Test), StoredSet> _sets = [];

    /// <inheritdoc/>
    public override DomainSet Train(int domain) => Set(domain, test: false);

    /// <inheritdoc/>
    public override DomainSet Test(int domain) => Set(domain, test: true);

    /// <summary>Reads or makes the images of one side of a domain.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="test">Whether the test images are asked for.</param>
    /// <returns>[N,channels,H,W], 8-bit, and N classes.</returns>
    /// <exception cref="DataSetException">Files are missing or damaged.</exception>
    protected abstract (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test);

    /// <summary>Whether all domains have the same test images.</summary>
    protected virtual bool SharesTest => false;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var set in _sets.Values)
            set.Dispose();
        _sets.Clear();
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
}
