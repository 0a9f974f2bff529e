using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Networks;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class EvaluatorTests
{
    internal static readonly EvaluationSettings Settings = new()
    {
        Networks = 2,
        Epochs = 12,
        BatchSize = 8,
        TestImages = 60,
        Network = new ConvNetSettings(4),
        Protocol = Protocol.Official,
        LearningRate = 0.05,
        Augmentation = "none",
        CutMix = 0,
    };

    [Fact]
    public void OfficialProtocol_MeasuresTheDomainsSeenAndNoOther()
    {
        using var stream = new RandomStreams(domains: 3);
        using var set = Set(stream);
        var epochs = new List<int>();
        var accuracies = new Evaluator(stream, Settings, new Randomness(1)).Evaluate(1, set, epochs.Add);
        Assert.Equal(2, accuracies.Count);
        Assert.All(accuracies, row => Assert.Equal([true, true, false], row.Select(accuracy => accuracy is not null)));
        Assert.Equal(Enumerable.Range(1, Settings.EpochsAfter(1)), epochs);
        Assert.Equal(2 * 2 * 12, Settings.EpochsAfter(1));
    }

    [Fact]
    public void OfficialProtocol_ReportsTheBestOfThreeEpochsOfANetworkOfItsOwn()
    {
        using var scope = NewDisposeScope();
        using var stream = new RandomStreams(domains: 2, new OfficialNormalization(null, null));
        using var set = Set(stream);
        // So much weight decay that a network forgets in the end what it had learnt.
        var settings = Settings with { Networks = 1, LearningRate = 0.1, WeightDecay = 1 };
        var decoded = set.Decode();
        var notTheLast = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var found = new Evaluator(stream, settings, new Randomness(seed)).Evaluate(1, set)[0];
            for (var k = 0; k < 2; k++)
            {
                var accuracies = new List<double>();
                using var network = new NetworkTraining(settings, stream.Shape, 2, new Randomness(seed)).Train(
                    decoded.flatten(0, 1), arange(2).repeat_interleave(decoded.shape[1]), 1, 0, 1 + k, (_, training) =>
                    {
                        training.Training = false;
                        accuracies.Add(Accuracy(training, stream.Test(k)));
                        training.Training = true;
                    });
                Assert.Equal(((double[])[accuracies[3], accuracies[7], accuracies[11]]).Max(), found[k]!.Value, 9);
                notTheLast += found[k] > accuracies[11] + 1 ? 1 : 0;
            }
        }
        Assert.True(notTheLast > 0, "the best is not always the last");
    }

    [Fact]
    public void OfficialProtocol_TakesTheStreamsNormalizationOnEachSide()
    {
        double? Measure(OfficialNormalization? normalization)
        {
            using var stream = new RandomStreams(domains: 1, normalization);
            using var set = Set(stream);
            return new Evaluator(stream, Settings with { Networks = 1, Epochs = 30 }, new Randomness(1)).Evaluate(0, set)[0][0];
        }
        var far = new Normalization([9f], [0.1f]);
        var (same, none, testOnly) = (Measure(null), Measure(new OfficialNormalization(null, null)), Measure(new OfficialNormalization(null, far)));
        Assert.True(none > 90, $"the task is easy: {none} %");
        Assert.Equal(50, testOnly!.Value, 9);
        Assert.NotEqual(none, Measure(new OfficialNormalization(far, null)));
        Assert.True(same > 90);
    }

    [Fact]
    public void AuthorsRotatedMnist_IsNotNormalized()
    {
        using var stream = new RotatedMnist(Mnist.Load(DataFolder.Find("mnist", null)), RotatedMnist.Sectors(1, new Randomness(0)));
        Assert.Equal(new OfficialNormalization(null, null), stream.OfficialNormalization);
    }

    [Fact]
    public void AnotherRole_IsAnotherNetwork()
    {
        using var scope = NewDisposeScope();
        using var stream = new RandomStreams(domains: 1);
        var training = new NetworkTraining(Settings with { Epochs = 1 }, stream.Shape, 2, new Randomness(1));
        var images = rand(4, 1, 8, 8);
        Tensor Classifier(int role)
        {
            using var network = training.Train(images, tensor([0L, 1, 0, 1]), 0, 0, role);
            Assert.False(network.Training);
            return network.Weights["classifier.weight"].detach().clone();
        }
        Assert.True(Classifier(0).Equals(Classifier(0)));
        Assert.False(Classifier(0).Equals(Classifier(1)));
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("mlp")]
    public void EveryArchitecture_LearnsAnEasySet(string architecture)
    {
        using var stream = new RandomStreams(domains: 2);
        using var set = Set(stream);
        var settings = Settings with { Networks = 1, Epochs = 40, Protocol = Protocol.Clean, Architecture = architecture, Network = new ConvNetSettings(16, Norm: Norm.Batch) };
        Assert.All(new Evaluator(stream, settings, new Randomness(1)).Evaluate(0, set)[0], accuracy => Assert.True(accuracy > 90, $"{accuracy} %"));
    }

    private static SyntheticSet Set(RandomStreams stream)
    {
        using var scope = NewDisposeScope();
        return new SyntheticSet(new RealBatches(stream.Train(0), new Randomness(0), 0, 4).Initial(4), 1);
    }

    private static double Accuracy(Network network, DomainSet test)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var images = test.Images(arange(test.Count)).to(ScalarType.Float32) / 255;
        return 100.0 * network.Logits(network.Features(images)).argmax(1).eq(tensor([.. test.Labels.Select(label => (long)label)])).sum().item<long>() / test.Count;
    }
}
