namespace DIDD.Data;

/// <summary>What the authors' evaluation does to the pixels of a data set before the network sees them; it is not always the same on both sides (METHOD §5).</summary>
/// <param name="Training">Normalisation of the decoded synthetic images; null for none.</param>
/// <param name="Test">Normalisation of the test images; null for none.</param>
public sealed record OfficialNormalization(Normalization? Training, Normalization? Test);
