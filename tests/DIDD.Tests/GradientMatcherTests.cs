using DIDD.Baselines;
using DIDD.Distillation;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class GradientMatcherTests
{
    private static readonly DistillationSettings Settings = new()
    {
        Iterations = 40,
        LearningRate = 0.1,
        RealImages = 8,
        Factor = 1,
        Augmentation = "none",
        Schedule = Schedule.Parallel,
        Network = new ConvNetSettings(Width: 8, Depth: 2),
    };

    [Fact]
    public void Distance_FallsFromANoiseStart()
    {
        var (set, distances) = Learn(Settings, new GradientMatchingSettings(), MatchingStart.Noise);
        using (set)
            Assert.True(distances[^5..].Average() < 0.9 * distances[..5].Average(), $"from {distances[..5].Average():0.00} to {distances[^5..].Average():0.00}");
    }

    [Theory]
    [InlineData(Norm.Instance)]
    [InlineData(Norm.Batch)]
    [InlineData(Norm.Layer)]
    [InlineData(Norm.Group)]
    [InlineData(Norm.None)]
    public void EveryNorm_HasADoubleBackward(Norm norm)
    {
        var (set, distances) = Learn(Settings with { Iterations = 2, Network = new ConvNetSettings(8, 2, norm) }, new GradientMatchingSettings(), MatchingStart.Real);
        using (set)
            Assert.All(distances, distance => Assert.True(double.IsFinite(distance) && distance > 0));
    }

    [Fact]
    public void TrainingBetweenSteps_ChangesTheSet()
    {
        SyntheticSet Of(double rate) => Learn(
            Settings with { Iterations = 2, Augmentation = "color_crop_cutout_scale_rotate" },
            new GradientMatchingSettings { OuterLoops = 3, InnerLoops = 2, BatchSize = 2, LearningRate = rate }, MatchingStart.Real).Set;
        using var still = Of(1e-12);
        using var trained = Of(0.1);
        using var again = Of(0.1);
        Assert.NotEqual(still.ToBytes(), trained.ToBytes());
        Assert.Equal(trained.ToBytes(), again.ToBytes());
    }

    [Fact]
    public void NetworkThatExplodes_IsReported()
    {
        var matching = new GradientMatchingSettings { OuterLoops = 3, LearningRate = 1e30 };
        var error = Assert.Throws<DivergenceException>(() => Learn(Settings, matching, MatchingStart.Noise));
        Assert.Contains("domain 1, iteration", error.Message, StringComparison.Ordinal);
    }

    private static (SyntheticSet Set, double[] Distances) Learn(DistillationSettings settings, GradientMatchingSettings matching, MatchingStart start)
    {
        using var stream = new NoiseStream(domains: 1, classes: 2, perClass: 20);
        var distances = new List<double>();
        var matcher = new GradientMatcher(stream, 2, settings, matching, start, new Randomness(4), CPU);
        return (matcher.Learn(0, null, record => distances.Add(record.Plastic)), [.. distances]);
    }
}
