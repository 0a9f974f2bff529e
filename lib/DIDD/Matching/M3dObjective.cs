using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>M3D (Zhang et al. 2024), the paper's base method: the squared maximum mean discrepancy of features (<see cref="Kernel.Mmd"/>, METHOD §2).</summary>
internal sealed class M3dObjective(Kernel kernel, TargetPrecision precision) : FeatureObjective(precision)
{
    public static ObjectiveEntry Entry { get; } = new("m3d", settings => new M3dObjective(KernelEntry.ByName[settings.Kernel].Create(), settings.Precision)) { Row = 0 };

    public override bool DrawsOneOfAll => false;

    protected override Tensor Distances(Tensor synthetic, Tensor target) => kernel.Mmd(synthetic, target);
}
