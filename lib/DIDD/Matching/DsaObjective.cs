namespace DIDD.Matching;

/// <summary>DSA (Zhao, Bilen 2021): <see cref="DcObjective"/> from real images, under an augmentation that real and synthetic images of a class share (METHOD §9).</summary>
internal sealed class DsaObjective(GradientMatchingSettings settings) : DcObjective(settings)
{
    public static new ObjectiveEntry Entry { get; } = new("dsa", settings => new DsaObjective(settings.Gradients ?? new()))
    {
        Row = 3,
        Start = DcObjective.Entry.Start,
        Section = "gradientMatching",
    };

    public override bool StartsFromNoise => false;
}
