using CsCheck;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Experiments;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class RuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-rules-").FullName;

    private static RunSpec Tiny => Profiles.Spec("smoke", rule: "finetune")
        .With("domains", "3").With("distillation.iterations", "3").With("distillation.network.width", "4").With("distillation.realImages", "8")
        .With("evaluation.epochs", "2").With("evaluation.testImages", "100").With("evaluation.network.width", "4")
        .With("ewc.iterations", "2").With("mas.iterations", "2");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ewc")]
    [InlineData("mas")]
    [InlineData("lwf")]
    [InlineData("lf")]
    public void PenaltyWithoutWeight_IsFinetune_AndWithWeightIsNot(string rule)
    {
        using var finetune = Execute("finetune", Tiny).Set(2);
        using var without = Execute("without", (Tiny with { Rule = rule }).With($"{rule}.lambda", "0")).Set(2);
        using var with = Execute("with", (Tiny with { Rule = rule }).With($"{rule}.lambda", "10")).Set(2);
        Assert.Equal(finetune.Images.data<float>().ToArray(), without.Images.data<float>().ToArray());
        Assert.NotEqual(finetune.Images.data<float>().ToArray(), with.Images.data<float>().ToArray());
    }

    [Fact]
    public void FlatRamp_IsTheSymmetricUpdate()
    {
        using var stable = Execute("stable", Tiny with { Rule = "stable" }).Set(2);
        using var flat = Execute("flat", (Tiny with { Rule = "linear" }).With("linear.low", "1").With("linear.high", "1")).Set(2);
        Assert.Equal(stable.Images.data<float>().ToArray(), flat.Images.data<float>().ToArray());
    }

    [Theory]
    [InlineData(true, new double[] { 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.7, 1.9 })]
    [InlineData(false, new double[] { 0.5, 1.9 })]
    public void Ramp_RunsOverTheSamplesOfEveryClass(bool perTile, double[] expected)
    {
        using var rule = new LinearRule(new LinearSettings(perTile, 0.5, 1.9), Context(classes: 3, ipc: 2, factor: 2));
        for (var c = 0; c < 3; c++)
        {
            Assert.Equal(expected, Part(rule.Alpha, c, expected.Length), Close);
            Assert.Equal(expected.Reverse(), Part(rule.Beta, c, expected.Length), Close);
        }
    }

    [Theory]
    [InlineData("ewc")]
    [InlineData("mas")]
    public void Importance_IsTheMeanOfTheGradients_AndAddsUpOverDomains(string name)
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        var distiller = Distiller(stream, name, _ => { });
        using var first = distiller.Learn(0, null);
        using var second = distiller.Learn(1, first);
        var (firstTerm, secondTerm) = (Direct(stream, name, 0, first), Direct(stream, name, 1, second));
        AssertClose(firstTerm, first.State["importance"]);
        AssertClose(firstTerm + secondTerm, second.State["importance"]);
    }

    [Fact]
    public void Importance_PullsBackInItsProportion()
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        var gradients = new List<(Tensor Images, Tensor Plastic, Tensor Combined)>();
        using var first = Distiller(stream, "ewc", _ => { }).Learn(0, null);
        using var second = Distiller(stream, "ewc", gradients.Add, learningRate: 0.1, settings: new RunSpec { Ewc = new EwcSettings(1e4, 2) }).Learn(1, first);
        Assert.Equal(3, gradients.Count);
        // The way from the previous set is 0 in the first iteration.
        foreach (var (images, plastic, combined) in gradients.Skip(1))
            AssertClose(1e4 * first.State["importance"].flatten(0, 1) * (images - first.Images.flatten(0, 1)), combined - plastic);
    }

    [Theory]
    [InlineData("lwf")]
    [InlineData("lf")]
    public void TeachersGradient_IsThatOfTheFormula(string name)
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        var gradients = new List<(Tensor Images, Tensor Plastic, Tensor Combined)>();
        using var first = Distiller(stream, "finetune", _ => { }).Learn(0, null);
        const double lambda = 10;
        var settings = Tiny with { Lwf = new LwfSettings(lambda), Lf = new LfSettings(lambda) };
        using var second = Distiller(stream, name, gradients.Add, learningRate: 0.1, settings: settings).Learn(1, first);
        var decoded = stream.Normalization.Apply(first.Decode()).flatten(0, 1);
        var labels = arange(10, dtype: ScalarType.Int64).repeat_interleave(4);
        using var teacher = new NetworkTraining(Tiny.Evaluation, stream.Shape, 10, new Randomness(Tiny.Seed)).Train(decoded, labels, 0, -1);
        // The teacher sees no difference in the first iteration.
        foreach (var (images, plastic, combined) in gradients.Skip(1))
        {
            var x = images.unflatten(0, [10, 1]).detach().requires_grad_();
            Tensor loss = zeros(1);
            for (var c = 0; c < 10; c++)
            {
                Tensor Features(Tensor stored) => teacher.Features(stream.Normalization.Apply(first.Formation.Decode(stored)[c]));
                var (now, before) = (Features(x), Features(first.Images));
                if (name == "lf")
                    loss = loss + (now - before).square().sum() / 4;
                else
                    loss = loss - ((teacher.Logits(before) / 2).exp() / (teacher.Logits(before) / 2).exp().sum(1, true)
                        * ((teacher.Logits(now) / 2) - (teacher.Logits(now) / 2).exp().sum(1, true).log())).sum() / 4;
            }
            AssertClose(lambda * autograd.grad([loss.sum()], [x])[0].flatten(0, 1), combined - plastic);
        }
    }

    [Fact]
    public void TilesOfAClass_PassToNewDomainsInEvenShares() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 9], Gen.Int[0, 1_000_000]).Sample(
            (tiles, classIndex, seed) =>
            {
                long[] owners = [.. Enumerable.Repeat(0L, tiles)];
                for (var t = 2; t <= tiles; t++)
                {
                    var taken = PartitionRule.Take(owners, tiles / t, new Randomness(seed).Stream(Purpose.TileOwner, t - 1, classIndex));
                    var next = PartitionRule.Passed(owners, taken, t - 1);
                    var shares = Enumerable.Range(0, t).Select(domain => next.Count(owner => owner == domain)).ToList();
                    Assert.Equal(tiles / t, shares[t - 1]);
                    Assert.True(shares.Max() - shares.Min() <= 1, string.Join(",", shares));
                    Assert.All(Enumerable.Range(0, tiles).Where(tile => next[tile] != t - 1), tile => Assert.Equal(owners[tile], next[tile]));
                    owners = next;
                }
            },
            iter: 200, threads: 1);

    [Fact]
    public void MoreDomainsThanTiles_EachTakesATileWithTheProbabilityOfAReservoir()
    {
        const int runs = 4000, tiles = 4;
        var taken = new double[8];
        for (var seed = 0; seed < runs; seed++)
            for (var domain = tiles; domain < taken.Length; domain++)
                taken[domain] += PartitionRule.Share(domain, tiles, new Randomness(seed));
        // N/t; five standard deviations of a draw with probability 1/2.
        for (var domain = tiles; domain < taken.Length; domain++)
            Assert.InRange(taken[domain] / runs, (double)tiles / (domain + 1) - 0.04, (double)tiles / (domain + 1) + 0.04);
    }

    [Fact]
    public void FrozenTiles_StayBitIdentical_AndTakenOnesStartFromRealImages()
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        var distiller = Distiller(stream, "partition", _ => { }, ipc: 2);
        using var first = distiller.Learn(0, null);
        using var second = distiller.Learn(1, first);
        using var third = distiller.Learn(2, second);
        foreach (var (before, after, domain, share) in new[] { (first, second, 1, 4), (second, third, 2, 2) })
        {
            var owners = after.State["owners"].data<long>().ToArray();
            Assert.All(owners.Chunk(8), perClass => Assert.Equal(share, perClass.Count(owner => owner == domain)));
            // [C·IPC·tiles], image after image, as the owners.
            var change = (before.Images - after.Images).abs().view(20, 2, 14, 2, 14).amax([2, 4]);
            var moved = change.flatten().gt(0).data<bool>().ToArray();
            Assert.Equal(owners.Select(owner => owner == domain), moved);
            Assert.Equal(owners.Select(owner => owner == domain ? 1f : 0), after.Beta!.data<float>().ToArray());
        }
        var start = new MultiFormation(2, stream.Shape).Mix(new RealBatches(stream.Train(2), new Randomness(Tiny.Seed), 2, 8).Initial(8));
        using var still = Distiller(stream, "partition", _ => { }, ipc: 2, learningRate: 0).Learn(2, second);
        var taken = still.State["owners"].eq(2).view(20, 2, 1, 2, 1).expand(20, 2, 14, 2, 14).reshape(10, 2, 1, 28, 28);
        Assert.Equal(where(taken, start, second.Images).data<float>().ToArray(), still.Images.data<float>().ToArray());
    }

    [Fact]
    public void Consolidated_NewTilesFollowPlasticAlone_AndTheOthersStableAlone_WithTheSameStepPerTile()
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        var seen = new List<(Tensor Images, Tensor Plastic, Tensor Combined)>();
        var distiller = Distiller(stream, "consolidated", seen.Add, ipc: 2);
        using var first = distiller.Learn(0, null);
        using var second = distiller.Learn(1, first);
        var taken = second.State["owners"].eq(1).view(20, 2, 1, 2, 1).expand(20, 2, 14, 2, 14).reshape(20, 1, 28, 28);
        var (_, plastic, combined) = seen[0];
        // Half of the tiles is new at t = 2.
        Assert.Equal(0, where(taken, zeros_like(plastic), plastic).abs().max().item<float>());
        Assert.Equal((plastic * 0.5).data<float>().ToArray(), where(taken, combined, zeros_like(combined)).data<float>().ToArray());
        Assert.All(where(taken, zeros_like(combined), combined).view(20, 2, 14, 2, 14).abs().amax([2, 4]).flatten().data<float>().ToArray().Zip(second.State["owners"].data<long>().ToArray()),
            tile => Assert.Equal(tile.Second == 0, tile.First > 0));
    }

    [Fact]
    public void Consolidated_OldTilesComeCloserToTheWholePreviousSet()
    {
        using var scope = NewDisposeScope();
        var spec = (Tiny with { Rule = "consolidated", Ipc = 2 }).With("distillation.iterations", "60").With("distillation.network.width", "16").With("domains", "2");
        using var compressed = Execute("compressed", spec).Set(1);
        using var frozen = Execute("frozen", spec.With("consolidated.stability", "0")).Set(1);
        using var previous = Execute("compressed", spec).Set(0);
        using var stream = Streams.Open(spec);
        double Distance(SyntheticSet set)
        {
            var kept = set.State["owners"].eq(0).view(10, 2, 4).transpose(1, 2).flatten(1);
            var losses = new List<double>();
            for (var seed = 0; seed < 10; seed++)
            {
                using var generator = new Randomness(seed).Generator(Purpose.ImportanceNetwork);
                using var network = new Networks.ConvNet(new Networks.ConvNetSettings(16), stream.Shape, 10, generator);
                Tensor Features(Tensor images) => network.Features(stream.Normalization.Apply(images));
                var (old, whole) = (set.Decode(), previous.Decode());
                for (var c = 0; c < 10; c++)
                    losses.Add(new Matching.GaussianKernel().Mmd(Features(old[c][kept[c]]).unsqueeze(0), Features(whole[c]).unsqueeze(0)).item<float>());
            }
            return losses.Average();
        }
        var (its, others) = (Distance(compressed), Distance(frozen));
        Assert.True(its < others, $"{its} against {others}");
    }

    [Fact]
    public void Consolidated_AsAHybridMemory_LeavesHalfOfTheTilesAsTheyStart()
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        var distiller = Distiller(stream, "consolidated", _ => { }, ipc: 2, settings: Tiny.With("consolidated.real", "0.5"));
        using var first = distiller.Learn(0, null);
        using var second = distiller.Learn(1, first);
        Tensor Tiles(Tensor images) => images.view(20, 2, 14, 2, 14).transpose(2, 3).reshape(80, 196);
        Tensor Starts(int domain) => Tiles(new MultiFormation(2, stream.Shape).Mix(new RealBatches(stream.Train(domain), new Randomness(Tiny.Seed), domain, 8).Initial(8)));
        var taken = second.State["owners"].eq(1).flatten().unsqueeze(1);
        foreach (var (set, start) in new[] { (first, Starts(0)), (second, where(taken, Starts(1), Tiles(first.Images))) })
            Assert.Equal(Enumerable.Range(0, 80).Select(tile => tile % 2 == 0), (Tiles(set.Images) - start).abs().amax([1]).gt(0).data<bool>().ToArray());
    }

    [Fact]
    public void Consolidated_MergesTheTilesWhoseUnionSpreadsLeast_AndNeverLosesMass() =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[0, 1_000_000]).Sample(
            (n, seed) =>
            {
                var stream = new Randomness(seed).Stream(Purpose.TileOwner);
                var points = Enumerable.Range(0, n).Select(_ => stream.NextDouble()).ToArray();
                double[] distances = [.. points.SelectMany(a => points.Select(b => (a - b) * (a - b)))], masses = [.. Enumerable.Range(1, n).Select(i => (double)i)];
                double Spread(int a, int b)
                {
                    var mean = ((a + 1) * points[a] + (b + 1) * points[b]) / (a + b + 2);
                    return (a + 1) * Math.Pow(points[a] - mean, 2) + (b + 1) * Math.Pow(points[b] - mean, 2);
                }
                var least = (from a in Enumerable.Range(0, n) from b in Enumerable.Range(0, a) orderby Spread(a, b) select b).First();
                Assert.Equal([least], ConsolidatedRule.Merge(distances, [.. masses], 1));
                var given = ConsolidatedRule.Merge(distances, masses, n / 2);
                Assert.Equal(n / 2, given.Distinct().Count());
                Assert.Equal(n * (n + 1) / 2, masses.Sum(), 1e-9);
                Assert.All(given, tile => Assert.Equal(0, masses[tile]));
            },
            iter: 200, threads: 1);

    [Fact]
    public void Consolidated_LooksAtNoOldImages_AndStoresNoMoreThanTheSet()
    {
        using var scope = NewDisposeScope();
        using var stream = Streams.Open(Tiny);
        using var forgetful = new ForgetfulStream(stream);
        var distiller = Distiller(forgetful, "consolidated", _ => { });
        SyntheticSet? set = null;
        for (var domain = 0; domain < 3; domain++)
        {
            forgetful.Present = domain;
            set = distiller.Learn(domain, set);
        }
        // 40 tiles of 196 pixels in float32, and of each tile its owner and its mass.
        Assert.Equal(40 * 196 * 4, set!.Images.NumberOfElements * set.Images.ElementSize);
        Assert.Equal(40 * 2, set.State.Values.Sum(tensor => tensor.NumberOfElements));
    }

    [Theory]
    [InlineData("ewc.lambda", "-1")]
    [InlineData("lf.lambda", "-0.5")]
    [InlineData("mas.iterations", "0")]
    [InlineData("linear.low", "3")]
    public void ImpossibleSettingOfARule_IsRefusedWithItsName(string key, string value) =>
        Assert.Contains(key, Assert.Throws<SpecException>(() => Tiny.With(key, value).Validate()).Message, StringComparison.Ordinal);

    private static Distiller Distiller(
        Data.DomainStream stream, string rule, Action<(Tensor, Tensor, Tensor)> watch, int ipc = 1, double learningRate = 1, RunSpec? settings = null) => new(
        stream,
        ipc,
        Tiny.Distillation with { LearningRate = learningRate },
        context => new WatchedRule(RuleEntry.ByName[rule].Create(settings ?? Tiny, context), watch),
        new Randomness(Tiny.Seed));

    // Ω of one domain, written out: mean over two new networks of the squared gradients of L_P, or the absolute ones of the squared features.
    private static Tensor Direct(Data.DomainStream stream, string rule, int domain, SyntheticSet set)
    {
        var (randomness, settings) = (new Randomness(Tiny.Seed), Tiny.Distillation);
        var augment = new Augmentation.DiffAugment(settings.Augmentation);
        var real = new RealBatches(stream.Train(domain), randomness, domain, settings.RealImages);
        var sum = zeros_like(set.Images);
        for (var i = 0; i < 2; i++)
        {
            using var generator = randomness.Generator(Purpose.ImportanceNetwork, domain, i);
            using var network = new Networks.ConvNet(settings.Network, stream.Shape, 10, generator);
            var draw = augment.Draw(Enumerable.Range(0, 10).Select(c => randomness.Stream(Purpose.ImportanceAugmentation, domain, i, c)), stream.Shape, CPU);
            Tensor Features(Tensor images) => network.Features(augment.Apply(stream.Normalization.Apply(images), draw).flatten(0, 1)).unflatten(0, [10, -1]);
            var x = set.Images.detach().requires_grad_();
            var synthetic = Features(set.Formation.Decode(x));
            var objective = rule == "mas"
                ? synthetic.square().sum()
                : new Matching.GaussianKernel().Mmd(synthetic, Features(real.At(settings.Iterations + i))).sum();
            var gradient = autograd.grad([objective], [x])[0];
            sum += rule == "mas" ? gradient.abs() : gradient * gradient;
        }
        return sum / 2;
    }

    private static RuleContext Context(int classes, int ipc, int factor) => new(classes, ipc, new Data.ImageShape(1, 8, 8), factor, 1, Schedule.ClassSequential, new Data.ClassShard(0, classes), CPU);

    private static double[] Part(Tensor rates, int c, int count) => [.. rates.data<float>().ToArray().Skip(c * count).Take(count).Select(rate => (double)rate)];

    private static bool Close(double expected, double found) => Math.Abs(expected - found) < 1e-6;

    private static void AssertClose(Tensor expected, Tensor found)
    {
        var (error, scale) = ((expected - found).norm().item<float>(), expected.norm().item<float>());
        Assert.True(scale > 0 && error <= 1e-3 * scale, $"error {error:E2} of a tensor of norm {scale:E2}");
    }

    private Run Execute(string name, RunSpec spec) => new Runner(spec, Path.Combine(_folder, name)).Execute();

    /// <summary>A stream whose images of other domains than the present one are gone.</summary>
    private sealed class ForgetfulStream(Data.DomainStream stream)
        : Data.DomainStream(stream.Name, stream.Domains, stream.Classes, stream.Shape, stream.Normalization, stream.Provenance, stream.OfficialNormalization, stream.Shard)
    {
        public int Present { get; set; }

        public override Data.DomainSet Train(int domain) => domain == Present ? stream.Train(domain) : throw new InvalidOperationException($"domain {domain} is gone");

        public override Data.DomainSet Test(int domain) => throw new InvalidOperationException("no test images");
    }

    /// <summary>A rule that shows what it combines.</summary>
    private sealed class WatchedRule(UpdateRule rule, Action<(Tensor Images, Tensor Plastic, Tensor Combined)> watch) : UpdateRule
    {
        public override bool NeedsStability => rule.NeedsStability;

        public override Tensor? Alpha => rule.Alpha;

        public override Tensor? Beta => rule.Beta;

        public override Tensor? PlasticTiles => rule.PlasticTiles;

        public override Tensor? StableTiles => rule.StableTiles;

        public override void BeginDomain(DomainContext domain, DistillationStep state) => rule.BeginDomain(domain, state);

        public override IReadOnlyDictionary<string, Tensor> EndDomain(DomainContext domain, DistillationStep state) => rule.EndDomain(domain, state);

        public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
        {
            var combined = rule.Combine(images, plastic, stable, metaGradient);
            watch((Kept(images), Kept(plastic), Kept(combined)));
            return combined;
        }

        public override void Dispose()
        {
            rule.Dispose();
            base.Dispose();
        }

        private static Tensor Kept(Tensor tensor) => tensor.clone().DetachFromDisposeScope();
    }
}
