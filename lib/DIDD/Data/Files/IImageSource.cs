using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>Pictures of a data set, in parts with a name, such as a domain's training images.</summary>
internal interface IImageSource
{
    /// <summary>The class of every image of a part.</summary>
    /// <param name="part">Name of the part.</param>
    /// <exception cref="DataSetException">There is no such part.</exception>
    public IReadOnlyList<int> Labels(string part);

    /// <summary>Images of a part.</summary>
    /// <param name="part">Name of the part.</param>
    /// <param name="indices">Which of them; null for all.</param>
    /// <returns>[n,3,size,size], 8-bit, on the CPU.</returns>
    /// <exception cref="DataSetException">A file is missing or damaged.</exception>
    public Tensor Images(string part, IReadOnlyList<int>? indices = null);
}
