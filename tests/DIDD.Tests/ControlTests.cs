using DIDD.Data;
using DIDD.Distillation;
using DIDD.Experiments;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>The controls of the asymmetric update: rates without an assignment to tiles, and a step that shrinks without rates.</summary>
public sealed class ControlTests : IDisposable
{
    private const int Classes = 3, Tiles = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-controls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ShuffledRates_AreThoseOfTheClass_InAnotherOrderEveryIteration()
    {
        using var scope = NewDisposeScope();
        using var own = Rule(RateAssignment.Own);
        using var shuffled = Rule(RateAssignment.Shuffled);
        var orders = new HashSet<string>();
        for (var iteration = 0; iteration < 3; iteration++)
        {
            var gradients = Gradients(iteration);
            Combine(own, gradients);
            var combined = Combine(shuffled, gradients);
            var (learnt, applied) = (own.Applied!, shuffled.Applied!);
            Assert.Equal(Numbers(own.Parameters), Numbers(shuffled.Parameters));
            for (var c = 0; c < Classes; c++)
            {
                var (before, after) = (learnt.narrow(1, c * Tiles, Tiles), applied.narrow(1, c * Tiles, Tiles));
                // A tile's pair stays together.
                Assert.Equal(Pairs(before).Order(), Pairs(after).Order());
                orders.Add(string.Join(' ', Pairs(after).Select(pair => Pairs(before).IndexOf(pair))));
            }
            using var grid = new TileGrid(2, Shape, CPU, ScalarType.Float32);
            Assert.Equal(Numbers(grid.Spread(applied[0]) * gradients.Stable + grid.Spread(applied[1]) * gradients.Plastic), Numbers(combined));
        }
        Assert.Equal(3 * Classes, orders.Count);
    }

    [Fact]
    public void SharedRates_AreOnePairForAllTiles_AndMoveLikeTheirMean()
    {
        using var scope = NewDisposeScope();
        using var shared = Rule(RateAssignment.Shared, Schedule.Parallel);
        using var own = Rule(RateAssignment.Own, Schedule.Parallel);
        var gradients = Gradients(0);
        Combine(own, gradients);
        Combine(shared, gradients);
        foreach (var row in shared.Applied!.unbind(0))
            Assert.Single(Numbers(row).Distinct());
        Assert.All(own.Applied!.unbind(0), row => Assert.True(Numbers(row).Distinct().Count() > 1));
        // Adam's first step is that of the sign.
        var mean = own.MetaInnerProducts!.mean([1]);
        Assert.Equal(Numbers(mean).Select(value => -Math.Sign(value)), Numbers(shared.Parameters.mean([1])).Select(Math.Sign));
        Assert.All(Numbers(mean), value => Assert.True(Math.Abs(value) > 1e-2));
    }

    [Theory]
    [InlineData("", 1, 1, 1)]
    [InlineData("0.5", 0.5, 0.5, 0.5)]
    [InlineData("1,0", 1, 0.5, 0)]
    [InlineData("1, 0.5, 0.25", 1, 0.5, 0.25)]
    [InlineData("1,0.8,0.4,0.2", 1, 0.6, 0.2)]
    public void StepsOfTheSymmetricUpdate_RunFromTheFirstIterationToTheLast(string steps, double first, double middle, double last)
    {
        using var scope = NewDisposeScope();
        using var rule = new SymmetricRule(new SymmetricSettings(steps), 5);
        var one = ones(1, 1, 2, 2);
        var factors = Enumerable.Range(0, 5).Select(_ => rule.Combine(one, one, zeros_like(one), x => x).mean().item<float>()).ToArray();
        Assert.Equal((float[])[(float)first, (float)middle, (float)last], (float[])[factors[0], factors[2], factors[4]]);
    }

    [Theory]
    [InlineData("stable", "stable.steps", "1,0.2")]
    [InlineData("asymmetric", "asymmetric.assignment", "shuffled")]
    [InlineData("asymmetric", "asymmetric.assignment", "shared")]
    public void StoppedControl_ResumesToTheSameBytes(string rule, string key, string value)
    {
        var spec = Profiles.Spec("smoke", rule: rule).With("domains", "2").With("distillation.iterations", "4").With("distillation.network.width", "4")
            .With("distillation.realImages", "8").With("evaluation.epochs", "1").With("evaluation.testImages", "20").With("evaluation.network.width", "4").With(key, value);
        Run Execute(string name, CancellationToken cancellation = default, Action<RunProgress>? progress = null) =>
            new Runner(spec, Path.Combine(_folder, name)) { CheckpointEvery = TimeSpan.Zero }.Execute(progress, cancellation);
        var whole = Execute("whole");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Execute("stopped", stop.Token, progress =>
        {
            if (progress is { Domain: 1, Step: 2 })
                stop.Cancel();
        }));
        var resumed = Execute("stopped");
        using var expected = whole.Set(1);
        using var found = resumed.Set(1);
        Assert.Equal(Numbers(expected.Images), Numbers(found.Images));
        using var plain = new Runner(Profiles.Spec("smoke", rule: rule) with { Domains = 2, Distillation = spec.Distillation, Evaluation = spec.Evaluation }, Path.Combine(_folder, "plain")).Execute().Set(1);
        Assert.NotEqual(Numbers(plain.Images), Numbers(found.Images));
    }

    [Theory]
    [InlineData("1,half")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public void ImpossibleSteps_AreRefused(string steps) =>
        Assert.Contains("stable.steps", Assert.Throws<SpecException>(() => Profiles.Spec("smoke", rule: "stable").With("stable.steps", steps).Validate()).Message, StringComparison.Ordinal);

    [Fact]
    public void SharedRates_CannotBeDividedByClasses() =>
        Assert.Contains("--classes", Assert.Throws<SpecException>(() => Learners.ValidateShard(Profiles.Spec("smoke").With("asymmetric.assignment", "shared"))).Message, StringComparison.Ordinal);

    private static ImageShape Shape => new(1, 8, 8);

    private static AsymmetricRule Rule(RateAssignment assignment, Schedule schedule = Schedule.ClassSequential)
    {
        var rule = new AsymmetricRule(new AsymmetricSettings(Assignment: assignment), new RuleContext(Classes, 2, Shape, 2, 1, schedule, new ClassShard(0, Classes), CPU));
        rule.BeginDomain(new DomainContext(1, null, null!, null!, null!, new Randomness(3), CPU, default), null!);
        return rule;
    }

    private static (Tensor Plastic, Tensor Stable, Tensor Meta) Gradients(int seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        Tensor Next() => randn([Classes * 2, 1, 8, 8], generator: generator);
        return (Next(), Next(), Next());
    }

    private static Tensor Combine(AsymmetricRule rule, (Tensor Plastic, Tensor Stable, Tensor Meta) gradients) =>
        rule.Combine(zeros_like(gradients.Plastic), gradients.Plastic, gradients.Stable, _ => gradients.Meta);

    private static List<(float, float)> Pairs(Tensor rates) => [.. Numbers(rates[0]).Zip(Numbers(rates[1]))];

    private static float[] Numbers(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
