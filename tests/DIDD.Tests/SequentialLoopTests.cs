using CsCheck;
using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Experiments;
using DIDD.Matching;
using DIDD.Reference;
using DIDD.Rules;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class SequentialLoopTests
{
    private const int Iterations = 4;

    private static readonly string[] Augmentations = ["none", "color_crop_cutout", "flip_color_crop_scale_rotate_cutout"];

    private static readonly Gen<Problem> Problems =
        from seed in Gen.Int[0, 1_000_000]
        from classes in Gen.Int[1, 4]
        from ipc in Gen.Int[1, 2]
        from factor in Gen.Int[1, 3]
        from channels in Gen.Int[0, 1].Select(c => 1 + 2 * c)
        from momentum in Gen.Double[0, 0.9]
        from learningRate in Gen.Double[1, 20]
        from schedule in Gen.Enum<Schedule>()
        from augmentation in Gen.Int[0, Augmentations.Length - 1].Select(i => Augmentations[i])
        from perTile in Gen.Bool
        from first in Gen.Frequency((1, Gen.Const(true)), (5, Gen.Const(false)))
        from metaDraw in Gen.Enum<MetaDraw>()
        from joint in Gen.Bool
        select new Problem(seed, classes, ipc, factor, channels, momentum, learningRate, schedule, augmentation, perTile, first, metaDraw, joint);

    [Theory]
    [InlineData("finetune", "m3d", 15)]
    [InlineData("stable", "m3d", 15)]
    [InlineData("asymmetric", "m3d", 15)]
    [InlineData("asymmetric", "dm", 10)]
    [InlineData("asymmetric", "dc", 5)]
    [InlineData("asymmetric", "dsa", 10)]
    public void BatchedIterations_EqualTheAuthorsLoop(string rule, string objective, int problems) => Problems.Sample(problem => AssertEqual(problem, rule, objective), iter: problems, threads: 1);

    private static void AssertEqual(Problem problem, string rule, string objective)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)problem.Seed, CPU);
        // On less than 6 pixels crop and cutout can hide all that the network sees; equal features leave the Gaussian kernel without a bandwidth.
        var size = 6 * problem.Factor;
        Tensor Random(int perClass) => rand([problem.Classes, perClass, problem.Channels, size, size], dtype: ScalarType.Float64, generator: generator);
        var settings = new DistillationSettings
        {
            Objective = objective,
            // Gradients of features whose means are apart are larger than those under a kernel, and those of gradients smaller.
            LearningRate = objective switch { "m3d" => problem.LearningRate, "dm" => problem.LearningRate / 10, _ => problem.LearningRate / 100 },
            Momentum = problem.Momentum,
            Factor = problem.Factor,
            Augmentation = objective == "dc" ? "none" : problem.Augmentation,
            Schedule = problem.Schedule,
        };
        var rates = new AsymmetricSettings(problem.PerTile, 0, 2, 0.1, 1.5, 0.05, problem.Joint ? 0.05 : 0.03, 0.03, 0.02, problem.Joint);
        var normalization = new Normalization([.. Enumerable.Repeat(0.4f, problem.Channels)], [.. Enumerable.Repeat(0.3f, problem.Channels)]);
        // Pixels outside [0,1] too, so that clamping counts.
        var (start, previous) = (Random(problem.Ipc) * 1.4 - 0.2, problem.FirstDomain ? null : Random(problem.Ipc));
        using var step = new DistillationStep(settings, start, previous, normalization, context => RuleEntry.ByName[rule].Create(new RunSpec { Asymmetric = rates }, context));
        using var loop = new SequentialLoop(settings, rates, rule, start, previous, normalization);
        var (randomness, augment, shape) = (new Randomness(problem.Seed), new DiffAugment(settings.Augmentation, oneOfAll: objective != "m3d"), new ImageShape(problem.Channels, size, size));
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            using var network = new SmoothNetwork(problem.Channels, problem.Classes, generator, trainable: true, size);
            var real = Random(5);
            AugmentationDraw Draw(Purpose purpose, params int[] classes) => augment.Draw(classes.Select(c => randomness.Stream(purpose, 1, iteration, c)), shape, CPU);
            int[] all = [.. Enumerable.Range(0, problem.Classes)];
            var shared = problem.MetaDraw == MetaDraw.Shared;
            var draw = Draw(Purpose.Augmentation, all);
            step.Run(new IterationDraws(network, real, draw, shared ? draw : Draw(Purpose.MetaAugmentation, all)));
            loop.Run(network, real, c => (Draw(Purpose.Augmentation, c), Draw(shared ? Purpose.Augmentation : Purpose.MetaAugmentation, c)));
        }
        AssertClose("images", loop.Images, step.Images);
        if (step.Rule is AsymmetricRule asymmetric)
            AssertClose("α, β", loop.Parameters, asymmetric.Parameters);
    }

    private static void AssertClose(string what, Tensor expected, Tensor found)
    {
        var error = (expected - found).abs().max().item<double>();
        Assert.True(error <= 1e-4, $"{what}: largest difference {error:E2}");
    }

    private sealed record Problem(
        int Seed, int Classes, int Ipc, int Factor, int Channels, double Momentum, double LearningRate, Schedule Schedule, string Augmentation, bool PerTile, bool FirstDomain, MetaDraw MetaDraw, bool Joint);
}
