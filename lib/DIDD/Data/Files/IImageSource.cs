namespace DIDD.Data;

/// <summary>Pictures of a data set, in parts with a name, such as a domain's training images.</summary>
internal interface IImageSource
{
    /// <exception cref="DataSetException">There is no such part.</exception>
    public IReadOnlyList<int> Labels(string part);

    /// <summary>Images of a part, or those of some indices: [n,3,size,size], 8-bit, on the CPU.</summary>
    /// <exception cref="DataSetException">A file is missing or damaged.</exception>
    public Tensor Images(string part, IReadOnlyList<int>? indices = null);
}
