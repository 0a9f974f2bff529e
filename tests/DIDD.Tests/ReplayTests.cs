using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Experiments;
using DIDD.Networks;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>Networks that are trained on, with the set as their memory; and sets that are evaluated once more.</summary>
public sealed class ReplayTests : IDisposable
{
    private static readonly EvaluationSettings Settings = EvaluatorTests.Settings with { Epochs = 4, BatchSize = 6, TestImages = 40, Protocol = Protocol.Replay };

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-replay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ANetworkIsTrainedOn_OnTheSetAndAsManyNewImages()
    {
        using var scope = NewDisposeScope();
        using var stream = new RandomStreams(domains: 3);
        using var evaluator = new Evaluator(stream, Settings, new Randomness(1));
        var training = new NetworkTraining(Settings, stream.Shape, 2, new Randomness(1));
        Network? mine = null;
        for (var domain = 0; domain < 3; domain++)
        {
            using var set = Set(stream, domain);
            var found = evaluator.Evaluate(domain, set);
            var images = set.Decode().flatten(0, 1);
            var drawn = new List<long>();
            mine = training.Train(stream.Normalization.Apply(images), arange(2).repeat_interleave(images.shape[0] / 2), domain, 0, from: mine, beside: (count, generator) =>
            {
                drawn.Add(count);
                var train = stream.Train(domain);
                var indices = randint(train.Count, count, dtype: ScalarType.Int64, generator: generator);
                return (stream.Normalization.Apply(train.Images(indices).to(ScalarType.Float32) / 255), tensor(indices.data<long>().Select(i => (long)train.Labels[(int)i]).ToArray()));
            });
            Assert.Equal([6L, 2, 6, 2, 6, 2, 6, 2], drawn);
            Assert.Equal(Enumerable.Range(0, 3).Select(k => Accuracy(mine, stream, k)), found[0].Select(accuracy => accuracy!.Value));
            Assert.Equal(2, found.Count);
        }
        mine!.Dispose();
    }

    [Fact]
    public void WhatGoesOnInTheMiddle_TrainsUpToThereOnceMore()
    {
        using var stream = new RandomStreams(domains: 3);
        using var undisturbed = new Evaluator(stream, Settings, new Randomness(1));
        IReadOnlyList<IReadOnlyList<double?>> expected = [];
        for (var domain = 0; domain < 3; domain++)
        {
            using var set = Set(stream, domain);
            expected = undisturbed.Evaluate(domain, set);
        }
        var asked = new List<int>();
        using var resumed = new Evaluator(stream, Settings, new Randomness(1))
        {
            SetAfter = domain =>
            {
                asked.Add(domain);
                return Set(stream, domain);
            },
        };
        using var last = Set(stream, 2);
        Assert.Equal(expected, resumed.Evaluate(2, last));
        Assert.Equal([0, 1], asked);
        using var without = new Evaluator(stream, Settings, new Randomness(1));
        Assert.Throws<InvalidOperationException>(() => without.Evaluate(2, last));
    }

    [Fact]
    public void SetsOfARun_AreEvaluatedAsIfTheyHadBeenDistilledForIt()
    {
        var run = new Runner(Spec(), Path.Combine(_folder, "clean")).Execute();
        foreach (var (key, value) in new[] { ("evaluation.architecture", "mlp"), ("evaluation.protocol", "replay") })
        {
            var spec = Spec().With(key, value);
            var direct = new Runner(spec, Path.Combine(_folder, $"direct-{value}")).Execute();
            var taken = new Runner(spec, Path.Combine(_folder, $"taken-{value}")) { SetsOf = run }.Execute();
            Assert.Equal(direct.NetworkAccuracies, taken.NetworkAccuracies);
            Assert.NotEqual(run.NetworkAccuracies, taken.NetworkAccuracies);
            Assert.Equal(direct.Sets, taken.Sets);
            Assert.Equal(run.Log().Select(record => record.Plastic), taken.Log().Select(record => record.Plastic));
            Assert.Equal(run.Environment()!.Commit, Assert.Single(taken.Environment()!.Shards!).Commit);
            Assert.Null(direct.Environment()!.Shards);
        }
    }

    [Fact]
    public void SetsOfARun_AreRefusedForAnyOther()
    {
        var run = new Runner(Spec(), Path.Combine(_folder, "run")).Execute();
        string Refused(RunSpec spec) => Assert.Throws<SpecException>(() => new Runner(spec, Path.Combine(_folder, "other")) { SetsOf = run }.Execute()).Message;
        Assert.Contains("its sets are those of", Refused(Spec() with { Seed = 1 }), StringComparison.Ordinal);
        Assert.Contains("not clamped", Refused(Spec().With("evaluation.protocol", "official")), StringComparison.Ordinal);
        File.Delete(Run.SetPath(run.Folder, 0));
        Assert.Contains("domain-01.safetensors: missing", Refused(Spec().With("evaluation.architecture", "mlp")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "other")));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void SetsAreTheSame_WhateverTheEvaluation_ButOfARuleWithATeacher(string rule)
    {
        var spec = Spec(rule);
        using var set = Last(spec, "run");
        foreach (var (key, value) in new[] { ("networks", "2"), ("epochs", "5") })
        {
            var other = spec.With($"evaluation.{key}", value);
            using var its = Last(other, key);
            Assert.Equal(key == "networks" || rule is not ("lwf" or "lf"), SetsOfRun.HaveTheSameSets(spec, other));
            Assert.Equal(SetsOfRun.HaveTheSameSets(spec, other), set.Images.Equals(its.Images));
        }

        SyntheticSet Last(RunSpec of, string folder) => new Runner(of, Path.Combine(_folder, folder)).Execute().Set(1);
    }

    public static TheoryData<string> Rules => [.. RuleEntry.ByName.Keys];

    [Fact]
    public void JointLearning_HasNothingToReplay() => Assert.Contains(
        "evaluation.protocol=replay: rule joint has one set",
        Assert.Throws<SpecException>(() => Profiles.Spec("smoke", rule: "joint").With("evaluation.protocol", "replay").Validate()).Message, StringComparison.Ordinal);

    private static RunSpec Spec(string rule = "finetune") => new[] { ("domains", "2"), ("distillation.iterations", "2"), ("distillation.realImages", "4"), ("distillation.network.width", "8"), ("evaluation.epochs", "4"), ("evaluation.testImages", "100"), ("evaluation.network.width", "8"), ("ewc.iterations", "2"), ("mas.iterations", "2") }
        .Aggregate(Profiles.Spec("smoke", rule: rule), (spec, setting) => spec.With(setting.Item1, setting.Item2));

    private static SyntheticSet Set(RandomStreams stream, int domain)
    {
        using var scope = NewDisposeScope();
        return new SyntheticSet(new RealBatches(stream.Train(domain), new Randomness(0), 0, 4).Initial(4), 1);
    }

    private static double Accuracy(Network network, RandomStreams stream, int domain)
    {
        using var noGradient = no_grad();
        var test = stream.Test(domain);
        var indices = test.Stratified(40);
        var images = stream.Normalization.Apply(test.Images(tensor(indices)).to(ScalarType.Float32) / 255);
        return 100.0 * network.Logits(network.Features(images)).argmax(1).eq(tensor([.. indices.Select(i => (long)test.Labels[(int)i])])).sum().item<long>() / indices.Length;
    }
}
