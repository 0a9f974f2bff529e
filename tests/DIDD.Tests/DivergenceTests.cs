using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class DivergenceTests
{
    private static readonly DistillationSettings Settings = new()
    {
        Iterations = 4,
        RealImages = 8,
        Factor = 1,
        Network = new ConvNetSettings(4),
    };

    [Theory]
    [InlineData(float.NaN, 0, 0, "L_plastic is NaN")]
    [InlineData(float.NegativeInfinity, 0, 0, "L_plastic is -")]
    [InlineData(0, float.PositiveInfinity, 0, "L_stable is ")]
    [InlineData(0, 0, 10.5f, "the mean step of a pixel is 10.5;")]
    [InlineData(0, 0, 9.5f, null)]
    public void ValueOutOfRange_IsReported(float plastic, float stable, float step, string? expected)
    {
        var error = Record.Exception(() => IterationLog.Check(4, 9, ["a", "b"], [0, plastic], [0, stable], [0, step]));
        if (expected is null)
            Assert.Null(error);
        else
            Assert.StartsWith("domain 5, iteration 9, class b: " + expected, Assert.IsType<DivergenceException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LossThatIsNotFinite_StopsTheDistillation()
    {
        using var stream = new RandomStreams(domains: 2);
        using var images = full([2, 1, 1, 8, 8], 0.5f);
        images[1, 0, 0, 3, 3] = float.NaN;
        using var previous = new SyntheticSet(images.clone(), 1);
        var error = Assert.Throws<DivergenceException>(() => Distiller(stream, _ => new SymmetricRule()).Learn(1, previous));
        Assert.Matches("^domain 2, iteration 0, class columns: L_plastic is NaN; lower", error.Message);
    }

    [Theory]
    [InlineData(1e6f, "-?[0-9.]+")]
    [InlineData(float.NaN, "NaN")]
    public void ExplodingStep_IsReportedInTheIterationThatTakesIt(float gradient, string value)
    {
        using var stream = new RandomStreams(domains: 2);
        using var previous = new SyntheticSet(full([2, 1, 1, 8, 8], 0.5f), 1);
        var done = 0;
        var error = Assert.Throws<DivergenceException>(() => Distiller(stream, _ => new Explosion(gradient)).Learn(1, previous, _ => done++));
        Assert.Matches($"^domain 2, iteration 2, class columns: the mean step of a pixel is {value}; lower", error.Message);
        Assert.Equal(2, done);
    }

    [Fact]
    public void IterationsReadTogether_AreRecordedUpToTheOneThatWentWrong()
    {
        using var scope = NewDisposeScope();
        var records = new List<IterationRecord>();
        using var log = new IterationLog(1, ["a", "b"], records.Add);
        using var rule = new FinetuneRule();
        void Add(int iteration, float loss) =>
            log.Add(iteration, iteration, new IterationMeasures(tensor([1f, loss]), tensor([2f, 4f]), tensor([-0.5f, 0.25f]), zeros(1), null, tensor([0f, 0.1f])), rule);
        Add(0, 3);
        log.Read();
        Add(1, 5);
        Add(2, 7);
        Add(3, float.NaN);
        Add(4, float.NaN);
        var error = Assert.Throws<DivergenceException>(() => log.Read());
        Assert.StartsWith("domain 2, iteration 3, class b: L_plastic is NaN", error.Message, StringComparison.Ordinal);
        Assert.Equal([(0, 2.0, 3.0), (1, 3.0, 3.0), (2, 4.0, 3.0)], records.Select(record => (record.Iteration, record.Plastic, record.Stable!.Value)));
        Assert.All(records, record => Assert.Equal([-0.5, 0.25], record.Cosines!));
    }

    [Fact]
    public void EmptyClass_IsReportedBeforeTheFirstIteration()
    {
        using var stream = new RandomStreams(domains: 1, imagesOfTheSecondClass: 0);
        var error = Assert.Throws<DataSetException>(() => Distiller(stream, _ => new FinetuneRule()).Learn(0, null));
        Assert.StartsWith("domain 1, class 1: no training images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ClassSmallerThanItsBatch_GivesAllItsImages_AndThenOthersAgainEveryIteration()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var stream = new RandomStreams(domains: 1, imagesOfTheSecondClass: 5);
        var batches = new RealBatches(stream.Train(0), new Randomness(1), 0, 8);
        var again = new HashSet<string>();
        for (var iteration = 0; iteration < 4; iteration++)
        {
            var images = batches.At(iteration)[1].flatten(1).unbind(0).Select(image => string.Join(' ', image.data<float>().ToArray())).ToList();
            Assert.Equal((8, 5), (images.Count, images.Distinct().Count()));
            again.Add(string.Join('|', images.GroupBy(image => image).Where(group => group.Count() == 2).Select(group => group.Key).Order(StringComparer.Ordinal)));
        }
        Assert.True(again.Count > 1);
    }

    private static Distiller Distiller(DomainStream stream, Func<RuleContext, UpdateRule> createRule) => new(stream, 1, Settings, createRule, new Randomness(1));

    /// <summary>Moves the second class far away in the third iteration.</summary>
    private sealed class Explosion(float gradient) : UpdateRule
    {
        private int _iteration;

        public override bool NeedsStability => false;

        public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
        {
            var result = zeros_like(plastic);
            if (_iteration++ == 2)
                result[1] = gradient;
            return result;
        }
    }
}
