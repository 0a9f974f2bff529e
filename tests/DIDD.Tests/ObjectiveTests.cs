using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Experiments;
using DIDD.Figures;
using DIDD.Matching;
using DIDD.Networks;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Tests;

public sealed class ObjectiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-objectives-").FullName;

    public static TheoryData<string> Objectives => [.. ObjectiveEntry.ByName.Keys];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Objectives))]
    public void EveryUpdateRule_EndsWithAMatrix(string objective)
    {
        foreach (var rule in RuleEntry.ByName.Keys)
        {
            var run = new Runner(Tiny(rule, objective), Path.Combine(_folder, rule)).Execute();
            Assert.True(run.Finished, rule);
            Assert.Equal(2, run.Accuracy.Done);
            Assert.InRange(run.Accuracy.Average, 0, 100);
            Assert.All(run.Log(), record => Assert.True(double.IsFinite(record.Plastic) && double.IsFinite(record.Stable ?? 0), rule));
            Assert.Equal(rule is "stable" or "linear" or "asymmetric" or "consolidated", run.Log()[^1].Stable is not null);
        }
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void JointLearning_GoesOverEveryObjective(string objective)
    {
        var run = new Runner(Tiny("joint", objective), Path.Combine(_folder, objective)).Execute();
        Assert.Equal((1, 2), (run.Accuracy.Rows.Count, run.Accuracy.Done));
    }

    [Theory]
    [InlineData("dc")]
    [InlineData("mtt")]
    public void RunKilledWhereTheObjectiveHasAState_EndsWithTheSameBytes(string objective)
    {
        var spec = Tiny("stable", objective).With("distillation.iterations", "3") with { GradientMatching = new() { OuterLoops = 3, InnerLoops = 2, LearningRate = 0.1 } };
        var whole = new Runner(spec, Path.Combine(_folder, "whole")).Execute();
        var killed = new Runner(spec, Path.Combine(_folder, "killed")) { CheckpointEvery = TimeSpan.Zero };
        Assert.Throws<InvalidTimeZoneException>(() => killed.Execute(progress =>
        {
            if (progress is { Domain: 1, Evaluating: false, Step: 3 })
                throw new InvalidTimeZoneException();
        }));
        var resumed = new Runner(spec, Path.Combine(_folder, "killed")).Execute();
        using var expected = whole.Set(1);
        using var found = resumed.Set(1);
        Assert.Equal(expected.Images.data<float>().ToArray(), found.Images.data<float>().ToArray());
    }

    [Theory]
    [InlineData("m3d", Norm.Instance)]
    [InlineData("dm", Norm.Instance)]
    [InlineData("m3d", Norm.Batch)]
    [InlineData("dc", Norm.Instance)]
    [InlineData("dsa", Norm.Batch)]
    [InlineData("dsa", Norm.Layer)]
    [InlineData("dsa", Norm.Group)]
    [InlineData("dsa", Norm.None)]
    public void FastestGradient_IsThatOfTheLoss(string name, Norm norm)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        using var objective = ObjectiveEntry.ByName[name].Create(new ObjectiveSettings());
        using var network = new ConvNet(new ConvNetSettings(8, 2, norm), new ImageShape(1, 12, 12), 3, generator, trainable: objective.Need != NetworkNeed.Fresh);
        Tensor Images(int count) => randn([3, count, 1, 12, 12], generator: generator);
        var draw = new DiffAugment("none").Draw(Enumerable.Range(0, 3).Select(_ => new RandomStream(0)), new ImageShape(1, 12, 12), CPU);
        var draws = new IterationDraws(network, Images(6), draw, draw);
        IReadOnlyList<Tensor>[] targets = [objective.Target(draws, false, () => draws.Real), objective.Target(draws, true, () => Images(2))];
        var x = Images(2).requires_grad_();
        var losses = objective.Losses(network, x, targets);
        Assert.All(losses, loss => Assert.Equal([3], loss.shape));
        var (found, gradients) = objective.Differentiate(network, x.detach(), targets, together: false);
        var sum = objective.Differentiate(network, x.detach(), targets, together: true).Gradients.Single();
        for (var i = 0; i < 2; i++)
        {
            AssertClose(losses[i], found[i]);
            AssertClose(autograd.grad([losses[i].sum()], [x], retain_graph: true)[0], gradients[i]);
        }
        AssertClose(gradients[0] + gradients[1], sum);
    }

    [Fact]
    public void GradientOfATrajectory_IsThatOfTheUnrolledTraining()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new SmoothNetwork(1, 3, generator, trainable: true);
        Tensor Weight(Tensor like) => randn(like.shape, dtype: ScalarType.Float64, generator: generator) * 0.3;
        List<Tensor> start = [.. network.Weights.Values.Select(Weight)], goal = [.. network.Weights.Values.Select(Weight)];
        var (images, labels) = (rand([6, 1, 4, 4], dtype: ScalarType.Float64, generator: generator), tensor([0L, 0, 1, 1, 2, 2]));
        List<Tensor> batches = [.. Enumerable.Range(0, 4).Select(_ => randperm(6, generator: generator).narrow(0, 0, 4))];
        const double stepSize = 0.7;

        var (x, eta) = (images.clone().requires_grad_(), tensor(stepSize, dtype: ScalarType.Float64).requires_grad_());
        Tensor Distance(IEnumerable<Tensor> weights) => weights.Zip(goal, (weight, end) => (weight - end).square().sum()).Aggregate((sum, each) => sum + each);
        (Tensor X, Tensor Eta, Tensor Loss) Unrolled(bool throughTheWeights)
        {
            Tensor[] weights = [.. start.Select(weight => weight.clone().requires_grad_())];
            foreach (var batch in batches)
            {
                var at = throughTheWeights ? weights : [.. weights.Select(weight => weight.detach().requires_grad_())];
                var logits = F.linear(F.conv2d(x.index_select(0, batch), at[0], strides: [2, 2]).tanh().flatten(1), at[1], at[2]);
                var gradients = autograd.grad([F.cross_entropy(logits, labels.index_select(0, batch))], at, retain_graph: true, create_graph: true);
                weights = [.. weights.Zip(gradients, (weight, gradient) => weight - eta * gradient)];
            }
            var loss = Distance(weights) / Distance(start);
            var found = autograd.grad([loss], [x, eta], retain_graph: true);
            return (found[0], found[1], loss.detach());
        }
        var expected = Unrolled(throughTheWeights: true);
        var (loss, inImages, inStepSize) = MttObjective.Differentiate(network, images, labels, [.. start, .. goal], stepSize, batches);
        AssertClose(expected.Loss, loss, 1e-12);
        AssertClose(expected.X, inImages, 1e-10);
        AssertClose(expected.Eta, inStepSize, 1e-10);
        // Where a step's weights are taken as a constant of the images, as TESLA takes them, the gradient is another.
        var (constant, _, _) = Unrolled(throughTheWeights: false);
        Assert.True((constant - expected.X).norm().item<double>() > 1e-2 * expected.X.norm().item<double>());
    }

    [Fact]
    public void TrajectoriesLoss_HasTheGradientThatTheStepTakes()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new SmoothNetwork(1, 3, generator, trainable: true);
        using var objective = new MttObjective(new TrajectorySettings { Steps = 3, StepSize = 0.5 });
        IReadOnlyList<Tensor> Part() => [.. Enumerable.Range(0, 2).SelectMany(_ => network.Weights.Values.Select(weight => randn(weight.shape, dtype: ScalarType.Float64, generator: generator) * 0.3))];
        IReadOnlyList<Tensor>[] targets = [Part(), Part()];
        var x = rand([3, 2, 1, 4, 4], dtype: ScalarType.Float64, generator: generator).requires_grad_();
        var (losses, gradients) = objective.Differentiate(network, x.detach(), targets, together: false);
        var found = objective.Losses(network, x, targets);
        for (var i = 0; i < 2; i++)
        {
            AssertClose(losses[i], found[i], 1e-12);
            AssertClose(gradients[i], autograd.grad([found[i]], [x])[0], 1e-12);
        }
    }

    [Fact]
    public void StepSizeOfTrajectories_FollowsItsGradient_WithinBounds()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        using var network = new SmoothNetwork(1, 2, generator, trainable: true);
        Tensor[] start = [.. network.Weights.Values.Select(weight => weight.detach().clone())];
        var images = rand([2, 1, 1, 4, 4], dtype: ScalarType.Float64, generator: generator);
        // Where a training with a tenfold step size leads: too far for the present one.
        Tensor[] End(double stepSize)
        {
            foreach (var (weight, value) in network.Weights.Values.Zip(start))
                using (no_grad())
                    weight.copy_(value);
            NetworkEpochs.Train(network, stepSize, images.flatten(0, 1), tensor([0L, 1]), tensor([0L, 1]), 2, new DiffAugment("none"), new RandomStream(0));
            return [.. network.Weights.Values.Select(weight => weight.detach().clone())];
        }
        var goal = End(1);
        double After(double rate, int steps)
        {
            using var objective = new MttObjective(new TrajectorySettings { Steps = 1, StepSize = 0.1, StepSizeLearningRate = rate });
            for (var i = 0; i < steps; i++)
            {
                objective.Differentiate(network, images, [[.. start, .. goal]], together: false);
                objective.EndStep(network, i, () => images);
            }
            return objective.StepSize;
        }
        // As for a rule whose losses are taken over different tiles: one after the other, not together.
        double AfterBoth(params IReadOnlyList<IReadOnlyList<Tensor>>[] parts)
        {
            using var objective = new MttObjective(new TrajectorySettings { Steps = 1, StepSize = 0.1, StepSizeLearningRate = 1e-4 });
            foreach (var targets in parts)
                objective.Differentiate(network, images, targets, together: false);
            objective.EndStep(network, 0, () => images);
            return objective.StepSize;
        }
        Tensor[] near = [.. start, .. goal], far = [.. start, .. End(3)];
        Assert.Equal(AfterBoth([near, far]), AfterBoth([near], [far]), 12);
        Assert.NotEqual(AfterBoth([far]), AfterBoth([near], [far]), 12);
        Assert.InRange(After(0.02, 200), 0.9, 1);
        Assert.Equal(0.11, After(1e9, 1), 12);
        Assert.InRange(After(1e9, 1000), 0.01, 1);
    }

    [Fact]
    public void GradientsDistance_FallsFromANoiseStart()
    {
        var (set, distances) = Learn(Matching, new GradientMatchingSettings(), "dc");
        using (set)
            Assert.True(distances[^5..].Average() < 0.9 * distances[..5].Average(), $"from {distances[..5].Average():0.00} to {distances[^5..].Average():0.00}");
    }

    [Fact]
    public void NetworkTrainedBetweenSteps_ChangesTheSet()
    {
        SyntheticSet Of(double rate) => Learn(
            Matching with { Iterations = 2, Augmentation = "color_crop_cutout_scale_rotate" },
            new GradientMatchingSettings { OuterLoops = 3, InnerLoops = 2, BatchSize = 2, LearningRate = rate }, "dsa").Set;
        using var still = Of(1e-12);
        using var trained = Of(0.1);
        using var again = Of(0.1);
        Assert.NotEqual(RunFigures.Pictures(still.Images), RunFigures.Pictures(trained.Images));
        Assert.Equal(RunFigures.Pictures(trained.Images), RunFigures.Pictures(again.Images));
    }

    [Fact]
    public void NetworkThatExplodes_IsReported()
    {
        var error = Assert.Throws<DivergenceException>(() => Learn(Matching, new GradientMatchingSettings { OuterLoops = 3, LearningRate = 1e30 }, "dc"));
        Assert.Contains("domain 1, iteration", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneOfAll_AppliesOneOperationToAGroup_AndEveryOneInItsTurn()
    {
        using var scope = NewDisposeScope();
        var (shape, count) = (new ImageShape(3, 8, 8), 200);
        var augment = new DiffAugment("color_crop_cutout_flip_scale_rotate", oneOfAll: true);
        var images = rand([count, 1, 3, 8, 8]);
        static RandomStream Numbers(int i) => new Randomness(i).Stream(Purpose.Augmentation);
        var draw = augment.Draw(Enumerable.Range(0, count).Select(Numbers), shape, CPU);
        var found = augment.Apply(images, draw);
        var operations = new[] { Operation.Color, Operation.Crop, Operation.Cutout, Operation.Flip, Operation.Scale, Operation.Rotate };
        Assert.All(operations, operation => Assert.InRange(draw.Operations.Count(drawn => drawn == operation), count / 12, count / 4));
        for (var i = 0; i < count; i++)
        {
            var alone = new DiffAugment(draw.Operations[i].ToString().ToLowerInvariant());
            var numbers = Numbers(i);
            // One number says which; alone, only a geometric operation is chosen.
            if (draw.Operations[i] is Operation.Color or Operation.Cutout or Operation.Flip)
                numbers.NextDouble();
            var expected = alone.Apply(images.narrow(0, i, 1), alone.Draw([numbers], shape, CPU));
            Assert.Equal(expected.data<float>().ToArray(), found[i].data<float>().ToArray());
        }
    }

    [Fact]
    public void ClassesOneAfterAnother_AreRefused_WhereAnObjectiveDoesNotKeepThemApart()
    {
        Assert.Contains("all are stepped together", Assert.Throws<SpecException>(Tiny("stable", "mtt").With("distillation.schedule", "classSequential").Validate).Message, StringComparison.Ordinal);
        Assert.Contains("together", Assert.Throws<ArgumentException>(() => new DistillationStep(
            new DistillationSettings { Objective = "mtt" }, zeros([2, 1, 1, 8, 8]), null, null, _ => new FinetuneRule())).Message, StringComparison.Ordinal);
    }

    private static DistillationSettings Matching => new()
    {
        Iterations = 40,
        LearningRate = 0.1,
        RealImages = 8,
        Factor = 1,
        Augmentation = "none",
        Schedule = Schedule.Parallel,
        Network = new ConvNetSettings(Width: 8, Depth: 2),
    };

    private static (SyntheticSet Set, double[] Distances) Learn(DistillationSettings settings, GradientMatchingSettings gradients, string objective)
    {
        using var stream = new NoiseStream(domains: 1, classes: 2, perClass: 20);
        var distances = new List<double>();
        var distiller = new Distiller(
            stream, 2, settings, _ => new FinetuneRule(), new Randomness(4), createObjective: () => ObjectiveEntry.ByName[objective].Create(new ObjectiveSettings(Gradients: gradients)));
        return (distiller.Learn(0, null, record => distances.Add(record.Plastic)), [.. distances]);
    }

    private static RunSpec Tiny(string rule, string objective) => Profiles.Spec("smoke", rule: rule)
        .With("distillation.objective", objective).With("domains", "2").With("data.classes", "0,1,2").With("distillation.iterations", "2").With("distillation.network.width", "4")
        .With("distillation.realImages", "4").With("evaluation.epochs", "1").With("evaluation.testImages", "30").With("evaluation.network.width", "4")
        .With("ewc.iterations", "1").With("mas.iterations", "1").With("trajectories.imagesPerClass", "8").With("trajectories.steps", "2");

    private static void AssertClose(Tensor expected, Tensor found, double tolerance = 1e-4)
    {
        var (error, scale) = ((expected - found).norm().to(ScalarType.Float64).item<double>(), expected.norm().to(ScalarType.Float64).item<double>());
        Assert.True(scale > 0 && error <= tolerance * scale, $"error {error:E2} of a tensor of norm {scale:E2}");
    }
}
