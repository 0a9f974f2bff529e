using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>DM (Zhao, Bilen 2023): ‖mean F(R_c) − mean F(S_c)‖² (METHOD §9).</summary>
internal sealed class DmObjective(TargetPrecision precision) : FeatureObjective(precision)
{
    public static ObjectiveEntry Entry { get; } = new("dm", settings => new DmObjective(settings.Precision))
    {
        Row = 1,
        Start = new(20_000, (ipc, _) => ipc >= 100 ? 1 : 0.1),
    };

    protected override Tensor Distances(Tensor synthetic, Tensor target) => (target.mean([1]) - synthetic.mean([1])).square().sum(-1);
}
