using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Evaluation;
using DIDD.Matching;
using DIDD.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Tests;

/// <summary>Trainings of networks, written out step by step in plain autograd.</summary>
public class NetworkTrainingTests
{
    private const int Classes = 3, Count = 12, Size = 8;

    private static readonly ImageShape Shape = new(1, Size, Size);

    // One alternative is the same either way; of a colour and an alternative a step has both, or one.
    [Theory]
    [InlineData("crop", true)]
    [InlineData("color_crop", false)]
    public void OneOfAll_DrawsOneOperationAStep(string strategy, bool isSame)
    {
        using var scope = NewDisposeScope();
        using var images = randn([Count, 1, Size, Size]);
        using var labels = arange(Count) % Classes;
        var settings = new EvaluationSettings { Epochs = 2, BatchSize = Count, Augmentation = strategy, Network = new ConvNetSettings(4, 2) };
        using var all = new NetworkTraining(settings, Shape, Classes, new Randomness(0)).Train(images, labels, 0, 0);
        using var one = new NetworkTraining(settings with { OneOfAll = true }, Shape, Classes, new Randomness(0)).Train(images, labels, 0, 0);
        Assert.Equal(isSame, all.Weights.All(weight => weight.Value.equal(one.Weights[weight.Key]).all().item<bool>()));
    }

    // λ ~ Beta(1,1); a box of (1−λ)·H·W pixels about a uniform centre, clipped; λ is then the share of what it leaves.
    [Theory]
    [InlineData(Protocol.Clean)]
    [InlineData(Protocol.Official)]
    public void StepWithCutMix_IsThatOfTheLiteralOne(Protocol protocol)
    {
        // Of a single epoch both decays have passed.
        const double rate = 0.1;
        var boxes = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            using var scope = NewDisposeScope();
            var settings = new EvaluationSettings
            {
                Protocol = protocol,
                Epochs = 1,
                BatchSize = Count,
                Augmentation = "none",
                CutMix = 1,
                LearningRate = rate / 0.2 / 0.2,
                Momentum = 0,
                WeightDecay = 0.01,
                Network = new ConvNetSettings(4, 2),
            };
            var randomness = new Randomness(seed);
            using var images = randn([Count, 1, Size, Size]);
            long[] labels = [.. Enumerable.Range(0, Count).Select(i => (long)i % Classes)];
            using var trained = new NetworkTraining(settings, Shape, Classes, randomness).Train(images, tensor(labels), domain: 1, index: 2);

            using var start = randomness.Generator(Purpose.EvaluationNetwork, 1, 2, 0);
            using var network = new ConvNet(settings.Network, Shape, Classes, start, trainable: true);
            using var orders = randomness.Generator(Purpose.EvaluationTraining, 1, 2, 0);
            var numbers = randomness.Stream(Purpose.EvaluationTraining, 1, 2, 1);
            var order = randperm(Count, generator: orders).data<long>().ToArray();
            new DiffAugment("none").DrawEach(numbers, Count, Shape, CPU);
            long[] partner;
            if (protocol == Protocol.Official)
                partner = randperm(Count, generator: orders).data<long>().ToArray();
            else
            {
                var shift = numbers.NextInteger(0, Count);
                partner = [.. Enumerable.Range(0, Count).Select(i => (long)((i - shift + Count) % Count))];
            }
            numbers.NextDouble();
            var lambda = numbers.NextDouble();
            var side = (int)(Size * Math.Sqrt(1 - lambda));
            int row = numbers.NextInteger(0, Size), column = numbers.NextInteger(0, Size);
            bool Pasted(int y, int x) => y >= row - side / 2 && y < row + side / 2 && x >= column - side / 2 && x < column + side / 2;
            var (pixels, mixed, pasted) = (images.data<float>().ToArray(), new float[Count * Size * Size], 0);
            for (var i = 0; i < Count; i++)
                for (var y = 0; y < Size; y++)
                    for (var x = 0; x < Size; x++)
                    {
                        mixed[(i * Size + y) * Size + x] = pixels[(order[Pasted(y, x) ? partner[i] : i] * Size + y) * Size + x];
                        pasted += i == 0 && Pasted(y, x) ? 1 : 0;
                    }
            boxes += pasted > 0 ? 1 : 0;
            var kept = 1 - (double)pasted / (Size * Size);
            var scores = F.log_softmax(network.Logits(network.Features(tensor(mixed, [Count, 1, Size, Size]))), 1);
            var loss = zeros(1);
            for (var i = 0; i < Count; i++)
                loss = loss - (kept * scores[i, labels[order[i]]] + (1 - kept) * scores[i, labels[order[partner[i]]]]) / Count;
            var weights = network.Weights.Values.ToArray();
            var gradients = autograd.grad([loss.sum()], weights);
            foreach (var (name, weight, gradient) in network.Weights.Keys.Zip(weights, gradients))
                AssertClose(name, weight - rate * (gradient + 0.01 * weight), trained.Weights[name]);
        }
        Assert.InRange(boxes, 2, 5);
    }

    // METHOD §9: after a step of the images `inner` epochs over the synthetic set, in mini-batches; the next step of the images has that network.
    [Theory]
    [InlineData("dc", "none")]
    [InlineData("dsa", "color_crop_cutout_scale_rotate")]
    public void NetworkBetweenTwoSteps_IsThatOfTheLiteralTraining(string name, string strategy)
    {
        using var scope = NewDisposeScope();
        const int perClass = 5, batchSize = 4, epochs = 3, stepIndex = 1;
        const double rate = 0.1;
        var randomness = new Randomness(3);
        ConvNet New(ulong seed)
        {
            using var generator = new Generator(seed, CPU);
            return new ConvNet(new ConvNetSettings(4, 2), Shape, Classes, generator, trainable: true);
        }
        using var stream = new NoiseStream(1, Classes, 4);
        using var objective = ObjectiveEntry.ByName[name].Create(new ObjectiveSettings(Gradients: new GradientMatchingSettings { OuterLoops = 3, InnerLoops = epochs, BatchSize = batchSize, LearningRate = rate }));
        var augment = new DiffAugment(strategy, oneOfAll: true);
        objective.Begin(new MatchingDomain(0, stream, null, generator => throw new InvalidOperationException(), augment, randomness, CPU, default));
        var images = randn([Classes, perClass, 1, Size, Size]);
        using var network = New(1);
        using var expected = New(1);
        objective.EndStep(network, stepIndex, () => images);
        using var next = New(2);
        objective.Draw(next, new RandomStream(0), stepIndex + 1);

        using var orders = randomness.Generator(Purpose.MatchingTraining, 0, stepIndex);
        var numbers = randomness.Stream(Purpose.MatchingTraining, 0, stepIndex, 1);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var order = randperm(Classes * perClass, generator: orders).data<long>().ToArray();
            for (var from = 0; from < order.Length; from += batchSize)
            {
                var batch = order.Skip(from).Take(batchSize).ToArray();
                var draw = augment.DrawEach(numbers, batch.Length, Shape, CPU);
                var inputs = augment.Apply(stack([.. batch.Select(i => images[i / perClass, i % perClass].unsqueeze(0))]), draw).squeeze(1);
                var scores = F.log_softmax(expected.Logits(expected.Features(inputs)), 1);
                var loss = batch.Select((image, i) => -scores[i, image / perClass]).Aggregate((sum, each) => sum + each) / batch.Length;
                var weights = expected.Weights.Values.ToArray();
                var gradients = autograd.grad([loss], weights);
                using var noGradient = no_grad();
                foreach (var (weight, gradient) in weights.Zip(gradients))
                    weight.sub_(rate * gradient);
            }
        }
        using var untrained = New(1);
        Assert.True((expected.Weights["classifier.weight"] - untrained.Weights["classifier.weight"]).norm().item<float>() > 1e-2);
        foreach (var (weight, value) in expected.Weights)
        {
            AssertClose(weight, value, network.Weights[weight]);
            Assert.True(network.Weights[weight].Equals(next.Weights[weight]));
        }
    }

    private static void AssertClose(string name, Tensor expected, Tensor found)
    {
        var error = (expected - found).abs().max().item<float>();
        Assert.True(error <= 1e-5, $"{name}: largest difference {error:E2}");
    }
}
