using DIDD.Distillation;
using DIDD.Networks;
using DIDD.Rules;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class DiagnosticsTests
{
    private static readonly DistillationSettings Settings = new()
    {
        Iterations = 45,
        RealImages = 8,
        Network = new ConvNetSettings(4),
    };

    [Fact]
    public void SecondDomain_HasDiagnosticsOfEveryClass_AndTilesInOneOf20RecordsAndTheLast()
    {
        var records = Distil(Settings, context => new AsymmetricRule(new AsymmetricSettings(), context));
        Assert.Equal(45, records.Count);
        Assert.Equal([0, 20, 40, 44], records.Where(record => record.Diagnostics!.Tiles is not null).Select(record => record.Iteration));
        Assert.All(records, record => Assert.Equal(
            [2, 2, 2, 2],
            ((IReadOnlyList<float>?[])[record.Diagnostics!.TileCosines, record.Diagnostics.StableInnerProducts, record.Diagnostics.PlasticInnerProducts, record.Diagnostics.KktResidual]).Select(list => list!.Count)));
        var tiles = records[20].Diagnostics!.Tiles!;
        Assert.Equal((2 * 4, 2 * 4, 2 * 4), (tiles.Cosines.Count, tiles.Alpha!.Count, tiles.Beta!.Count));
        Assert.Equal(records[20].Alpha!.Value, tiles.Alpha.Average(), 5);
        Assert.Equal(records[20].Diagnostics!.TileCosines!.Average(), tiles.Cosines.Average(), 5);
        Assert.All(records.Zip(records.Skip(1)), pair => Assert.True(pair.Second.Diagnostics!.Seconds.Rule > pair.First.Diagnostics!.Seconds.Rule));
        var seconds = records[^1].Diagnostics!.Seconds;
        Assert.InRange(seconds.Targets + seconds.Gradients + seconds.Rule + seconds.Update, 0.3 * records[^1].Seconds, records[^1].Seconds);
    }

    [Fact]
    public void KktResidual_IsTheRatesTimesTheDistanceToTheLeastLoss()
    {
        using var diagnosis = new Diagnosis(2, new Data.ImageShape(1, 8, 8), CPU);
        using var rule = new FixedRates();
        using var scope = NewDisposeScope();
        IReadOnlyList<float> Residual(float first, float second)
        {
            var measures = new IterationMeasures(zeros([2]), tensor([first, second]), zeros([2]), ones([2, 1, 1, 8, 8]), ones([2, 1, 1, 8, 8]), zeros([2]));
            diagnosis.Follow(measures);
            return diagnosis.Read(measures, rule, new StageSeconds(0, 0, 0, 0)).KktResidual!;
        }
        Assert.Equal([0, 0], Residual(3, 5));
        Assert.Equal([0, 1.5f * 2.5f], Residual(2, 7.5f));
        // Class 0: mean ᾱ = 0.5 and 4 − 2; class 1: mean ᾱ = 1.5 and 6 − 5.
        Assert.Equal([0.5f * 2, 1.5f * 1], Residual(4, 6));
    }

    [Fact]
    public void TileCosines_SeeTilesThatClassesHide()
    {
        using var scope = NewDisposeScope();
        using var diagnosis = new Diagnosis(2, new Data.ImageShape(1, 8, 8), CPU);
        using var rule = new SymmetricRule();
        var plastic = ones([1, 1, 1, 8, 8]);
        var stable = plastic.clone();
        stable[TensorIndex.Ellipsis, TensorIndex.Slice(stop: 4), TensorIndex.Slice(stop: 4)] = -10;
        var measures = new IterationMeasures(zeros([1]), zeros([1]), zeros([1]), plastic, stable, zeros([1]));
        diagnosis.Follow(measures);
        var found = diagnosis.Read(measures, rule, new StageSeconds(0, 0, 0, 0));
        Assert.Equal([-1f, 1, 1, 1], found.Tiles!.Cosines.Select(cosine => float.Round(cosine, 5)));
        Assert.Equal(0.5f, found.TileCosines![0], 5);
        Assert.Equal((8f, MathF.Sqrt(16 * 100 + 48)), (found.PlasticNorm, found.StableNorm));
        Assert.Null(found.KktResidual);
    }

    [Fact]
    public void Thinned_TheLastIterationIsStillDiagnosed()
    {
        var records = Distil(Settings with { Iterations = 12 }, _ => new FinetuneRule(), diagnoseEvery: 5);
        Assert.Equal([0, 5, 10, 11], records.Where(record => record.Diagnostics is not null).Select(record => record.Iteration));
        Assert.All(records, record => Assert.True(record.Diagnostics is not { StableNorm: not null }));
    }

    private static List<IterationRecord> Distil(DistillationSettings settings, Func<RuleContext, UpdateRule> createRule, int diagnoseEvery = 1)
    {
        using var stream = new RandomStreams(domains: 2);
        var records = new List<IterationRecord>();
        var distiller = new Distiller(stream, 1, settings, createRule, new Randomness(1), diagnoseEvery: diagnoseEvery);
        using var first = distiller.Learn(0, null);
        distiller.Learn(1, first, records.Add).Dispose();
        return records;
    }

    /// <summary>Rates 0.25 and 0.75 in class 0, 1 and 2 in class 1.</summary>
    private sealed class FixedRates : UpdateRule
    {
        public override bool NeedsStability => true;

        public override Tensor Alpha { get; } = tensor([0.25f, 0.75f, 1f, 2f]);

        public override Tensor Beta => Alpha;

        public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) => plastic;
    }
}
