using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>A domain's images in memory, [N,channels,H,W], 8-bit.</summary>
internal sealed class StoredSet(Tensor images, IReadOnlyList<int> labels, int classes) : DomainSet(labels, classes), IDisposable
{
    public override Tensor Images(Tensor indices) => images.index_select(0, indices.to(images.device));

    public void Dispose() => images.Dispose();
}
