namespace DIDD.Matching;

/// <summary>DSA (Zhao, Bilen 2021): <see cref="DcObjective"/> from real images, under an augmentation that real and synthetic images of a class share (METHOD §9).</summary>
/// <param name="settings">Settings.</param>
public sealed class DsaObjective(GradientMatchingSettings settings) : DcObjective(settings)
{
    /// <inheritdoc/>
    public override bool StartsFromNoise => false;
}
