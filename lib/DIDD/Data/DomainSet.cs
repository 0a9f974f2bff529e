namespace DIDD.Data;

/// <summary>The training or test images of one domain: 8-bit, indexed by class, made when asked for.</summary>
/// <param name="labels">N classes, 0 to <paramref name="classes"/> − 1.</param>
/// <param name="classes">Number of classes.</param>
public abstract class DomainSet(IReadOnlyList<int> labels, int classes)
{
    /// <summary>The class of every image.</summary>
    public IReadOnlyList<int> Labels => labels;

    /// <summary>For every class, the indices of its images, ascending.</summary>
    public IReadOnlyList<IReadOnlyList<long>> ByClass { get; } = Indices(labels, classes);

    /// <summary>Number of images.</summary>
    public int Count => Labels.Count;

    /// <summary>Images by index.</summary>
    /// <param name="indices">[n], 64-bit, each in [0, <see cref="Count"/>), on the CPU.</param>
    /// <returns>[n,channels,H,W], 8-bit, on the stream's device.</returns>
    public abstract Tensor Images(Tensor indices);

    /// <summary>Images by index, [n,channels,H,W], in [0,1], on a device.</summary>
    internal Tensor Scaled(Tensor indices, Device device) => Images(indices).to(device).to(ScalarType.Float32) / 255;

    /// <summary>This set, of the domain and the classes from the first one of a shard on, if it can be distilled.</summary>
    /// <exception cref="DataSetException">A class is empty.</exception>
    internal DomainSet WithEveryClass(int domain, int first) => ByClass.ToList().FindIndex(images => images.Count == 0) is >= 0 and var empty
        ? throw new DataSetException(
            $"domain {domain + 1}, class {first + empty}: no training images; every domain needs images of every class, so check the data set's folder")
        : this;

    /// <summary>The first images of every class, as equally many of each as there are.</summary>
    /// <param name="count">How many images at most; 0 or more than there are: all.</param>
    /// <returns>Their indices, ascending.</returns>
    public long[] Stratified(int count) => count <= 0 || count >= Count
        ? [.. Enumerable.Range(0, Count).Select(i => (long)i)]
        : [.. ByClass.SelectMany((indices, c) => indices.Take(count / ByClass.Count + (c < count % ByClass.Count ? 1 : 0))).Order()];

    private static List<long>[] Indices(IReadOnlyList<int> labels, int classes)
    {
        var byClass = Enumerable.Range(0, classes).Select(_ => new List<long>()).ToArray();
        for (var i = 0; i < labels.Count; i++)
            byClass[labels[i]].Add(i);
        return byClass;
    }
}
