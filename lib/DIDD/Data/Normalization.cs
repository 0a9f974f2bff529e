namespace DIDD.Data;

/// <summary>Mean and standard deviation per channel; pixels in [0,1] become (x − mean)/std.</summary>
/// <param name="Mean">One mean per channel.</param>
/// <param name="Std">One standard deviation per channel, positive.</param>
public sealed record Normalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>ImageNet's, which the authors use for PACS and CORe50 (METHOD §2), and this package for all coloured pictures.</summary>
    public static Normalization ImageNet { get; } = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Normalises images.</summary>
    /// <param name="images">[…,channels,H,W], pixels in [0,1].</param>
    public Tensor Apply(Tensor images) => (images - Column(Mean, images)) / Column(Std, images);

    /// <summary>Takes the normalisation back.</summary>
    /// <param name="normalized">[…,channels,H,W].</param>
    /// <returns>Pixels, in [0,1] where the images were.</returns>
    public Tensor Invert(Tensor normalized) => normalized * Column(Std, normalized) + Column(Mean, normalized);

    private static Tensor Column(IReadOnlyList<float> values, Tensor images) => tensor(values.ToArray(), device: images.device).view(-1, 1, 1);
}

/// <summary>What the authors' evaluation does to the pixels of a data set before the network sees them; it is not always the same on both sides (METHOD §5).</summary>
/// <param name="Training">Normalisation of the decoded synthetic images; null for none.</param>
/// <param name="Test">Normalisation of the test images; null for none.</param>
public sealed record OfficialNormalization(Normalization? Training, Normalization? Test);
