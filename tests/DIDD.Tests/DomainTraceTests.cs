using DIDD.Experiments;
using DIDD.Figures;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class DomainTraceTests
{
    private static RunSpec Tiny => Profiles.Spec("smoke")
        .With("domains", "2").With("distillation.iterations", "4").With("distillation.network.width", "4").With("distillation.realImages", "8");

    [Theory]
    [InlineData("asymmetric.perTile", "true")]
    [InlineData("asymmetric.perTile", "false")]
    [InlineData("asymmetric.joint", "true")]
    [InlineData("meta.draw", "shared")]
    public void WatchedDomain_IsTheDistillersOwn_AndItsOpenedIterationAgreesWithAutograd(string key, string value)
    {
        using var scope = NewDisposeScope();
        var spec = Tiny.With(key, value);
        using var stream = Streams.Open(spec);
        using var first = DomainTrace.Start(spec, stream);
        using var trace = DomainTrace.Of(spec, stream, first, domain: 1, opened: 2);
        using var expected = Learners.Create(spec, stream, new Randomness(spec.Seed), CPU).Learn(1, first);
        Assert.Equal(expected.Images.data<float>().ToArray(), trace.Set.Images.data<float>().ToArray());
        Assert.Equal(expected.Alpha!.data<float>().Select(rate => (double)rate), trace.Alpha[^1]);

        var opened = trace.Opened;
        Assert.InRange(opened.MetaGradientError, 0, 1e-4);
        Assert.InRange(opened.GradientError, 0, 1e-4);
        Assert.Equal((trace.Records[2].Plastic, trace.Records[2].Stable!.Value), (opened.Plastic.mean().item<float>(), opened.Stable.mean().item<float>()), Near);
        using var grid = new Synthetic.TileGrid(spec.Asymmetric.PerTile ? 2 : 1, stream.Shape, CPU, ScalarType.Float32);
        Tensor Weighted(int row, Tensor gradient) => grid.Spread(opened.RatesApplied[row]).view(10, 1, 1, 28, 28) * gradient;
        Assert.InRange((opened.Update - Weighted(0, opened.StableGradient) - Weighted(1, opened.PlasticGradient)).abs().max().item<float>(), 0, 1e-6);
        Assert.All(trace.Balance.SelectMany(classes => classes), balance => Assert.InRange(balance, 0, 1 + 1e-6));
        Assert.Contains("= L_plastic", StepFigures.KernelMatrix(opened, 3).Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void FirstDomainAndMissingIteration_AreRefused()
    {
        using var stream = Streams.Open(Tiny);
        using var first = DomainTrace.Start(Tiny, stream);
        Assert.Contains("1 to 1", Assert.Throws<ArgumentException>(() => DomainTrace.Of(Tiny, stream, first, domain: 0)).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 3", Assert.Throws<ArgumentException>(() => DomainTrace.Of(Tiny, stream, first, opened: 4)).Message, StringComparison.Ordinal);
    }

    private static bool Near((double, double) expected, (double, double) found) =>
        Math.Abs(expected.Item1 - found.Item1) < 1e-4 && Math.Abs(expected.Item2 - found.Item2) < 1e-4;
}
