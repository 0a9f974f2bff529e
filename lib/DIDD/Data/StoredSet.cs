using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>A domain's images in memory.</summary>
/// <param name="images">[N,channels,H,W], 8-bit.</param>
/// <param name="labels">N classes.</param>
/// <param name="classes">Number of classes.</param>
internal sealed class StoredSet(Tensor images, IReadOnlyList<int> labels, int classes) : DomainSet(labels, classes), IDisposable
{
    public override Tensor Images(Tensor indices) => images.index_select(0, indices.to(images.device));

    public void Dispose() => images.Dispose();
}
