using CsCheck;
using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Matching;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class AsymmetricRuleTests
{
    private static readonly Gen<Problem> Problems =
        from seed in Gen.Int[0, 1_000_000]
        from classes in Gen.Int[1, 3]
        from ipc in Gen.Int[1, 2]
        from factor in Gen.Int[1, 2]
        from channels in Gen.Int[0, 1].Select(c => 1 + 2 * c)
        from perTile in Gen.Bool
        select new Problem(seed, classes, ipc, factor, channels, perTile);

    [Fact]
    public void MetaGradient_EqualsAutograd() => Problems.Sample(
        problem =>
        {
            using var scope = NewDisposeScope();
            using var setting = new Setting(problem, "gaussian");
            var parameters = setting.Rule.Parameters.clone().requires_grad_();
            var expected = autograd.grad([setting.MetaLoss(parameters)], [parameters])[0];
            AssertClose(expected, setting.ClosedForm(), 1e-4);
        },
        iter: 20, threads: 1);

    [Fact]
    public void MetaGradient_EqualsFiniteDifferences() => Problems.Sample(
        problem =>
        {
            using var scope = NewDisposeScope();
            // The Gaussian kernel's bandwidth is a constant of the gradient, though not of the loss: differences need a kernel of fixed width.
            using var setting = new Setting(problem, "laplace");
            const double step = 1e-5;
            var closed = setting.ClosedForm();
            var differences = zeros_like(closed);
            for (var row = 0; row < 2; row++)
                for (var tile = 0; tile < closed.shape[1]; tile++)
                {
                    double At(double shift)
                    {
                        var parameters = setting.Rule.Parameters.clone();
                        parameters[row, tile] += shift;
                        return setting.MetaLoss(parameters).item<double>();
                    }
                    differences[row, tile] = (At(step) - At(-step)) / (2 * step);
                }
            AssertClose(differences, closed, 1e-4);
        },
        iter: 5, threads: 1);

    [Fact]
    public void RatesAtOne_AreTheSymmetricUpdate()
    {
        using var scope = NewDisposeScope();
        using var setting = new Setting(new Problem(7, 2, 1, 2, 1, true), "gaussian", atStart: true);
        var (plastic, stable) = (rand_like(setting.Images), rand_like(setting.Images));
        using var symmetric = new SymmetricRule();
        var (expected, combined) = (symmetric.Combine(setting.Images, plastic, stable, x => x), setting.Rule.Combine(setting.Images, plastic, stable, x => zeros_like(x)));
        // No meta gradient and no penalty: the rates stay where they start.
        AssertClose(expected, combined, 1e-12);
    }

    [Fact]
    public void TilesOfAnUnevenSide_AreCutAsDecodingCutsThem()
    {
        var shape = new ImageShape(1, 8, 8);
        using var grid = new TileGrid(3, shape, CPU, ScalarType.Float32);
        using var sums = grid.Sum(ones(1, 1, 8, 8));
        Assert.Equal(new float[] { 9, 9, 6, 9, 9, 6, 6, 6, 4 }, sums.data<float>().ToArray());
        var stored = rand([1, 1, 1, 8, 8], requires_grad: true);
        var decoded = new MultiFormation(3, shape).Decode(stored);
        for (var tile = 0; tile < 9; tile++)
        {
            var seen = autograd.grad([decoded[0, tile].sum()], [stored], retain_graph: true)[0].ne(0);
            Assert.True(seen.Equals(grid.Spread(eye(9)[tile]).ne(0).view(1, 1, 1, 8, 8)));
        }
    }

    private static void AssertClose(Tensor expected, Tensor found, double relative)
    {
        var (error, scale) = ((expected - found).norm().item<double>(), expected.norm().item<double>());
        Assert.True(error <= relative * scale, $"relative error {error / scale:E2} of a gradient of norm {scale:E2}");
    }

    private sealed record Problem(int Seed, int Classes, int Ipc, int Factor, int Channels, bool PerTile);

    /// <summary>A step in double precision at random images, gradients and rates.</summary>
    private sealed class Setting : IDisposable
    {
        private const int Size = 8;
        private readonly Problem _problem;
        private readonly Generator _generator;
        private readonly DistillationStep _step;
        private readonly IterationDraws _draws;
        private readonly Tensor _plastic;
        private readonly Tensor _stable;
        private readonly AsymmetricSettings _settings;

        public Setting(Problem problem, string kernel, bool atStart = false)
        {
            _problem = problem;
            _generator = new Generator((ulong)problem.Seed, CPU);
            _settings = atStart
                ? new AsymmetricSettings(problem.PerTile, AlphaPenalty: 0, BetaPenalty: 0)
                : new AsymmetricSettings(problem.PerTile, 0, 2, 0.1, 1.5, AlphaPenalty: 0.03, BetaPenalty: 0.02);
            var settings = new DistillationSettings { LearningRate = 3, Factor = problem.Factor, Augmentation = "none", Kernel = kernel };
            _step = new DistillationStep(settings, Random(problem.Ipc), Random(problem.Ipc), null, context => new AsymmetricRule(_settings, context));
            if (!atStart)
                Rule.Parameters.copy_(randn(Rule.Parameters.shape, dtype: ScalarType.Float64, generator: _generator));
            var shape = new ImageShape(problem.Channels, Size, Size);
            var draw = new DiffAugment("none").Draw(Enumerable.Range(0, problem.Classes).Select(_ => new RandomStream(0)), shape, CPU);
            _draws = new IterationDraws(new SmoothNetwork(problem.Channels, problem.Classes, _generator), Random(5), draw, draw);
            (_plastic, _stable) = (Random(problem.Ipc).flatten(0, 1) - 0.5, Random(problem.Ipc).flatten(0, 1) - 0.5);
            (_plastic, _stable) = (_plastic * 0.1, _stable * 0.1);
        }

        public AsymmetricRule Rule => (AsymmetricRule)_step.Rule;

        public Tensor Images => _step.Images.flatten(0, 1);

        /// <summary>L_meta as the paper writes it, as a function of (α,β): nothing of the closed form in it.</summary>
        public Tensor MetaLoss(Tensor parameters)
        {
            var sigmoid = parameters.sigmoid();
            var (alpha, beta) = (_settings.AlphaLow + (_settings.AlphaHigh - _settings.AlphaLow) * sigmoid[0], _settings.BetaLow + (_settings.BetaHigh - _settings.BetaLow) * sigmoid[1]);
            using var grid = new TileGrid(_problem.PerTile ? _problem.Factor : 1, new ImageShape(_problem.Channels, Size, Size), CPU, ScalarType.Float64);
            var lookAhead = Images - 3 * (grid.Spread(alpha) * _stable + grid.Spread(beta) * _plastic);
            return _step.MetaLoss(lookAhead.view(_step.Images.shape), _draws) + _settings.AlphaPenalty * alpha.mean() + _settings.BetaPenalty * beta.mean();
        }

        public Tensor ClosedForm()
        {
            var gradient = _step.MetaGradient(Rule.LookAhead(Images, _plastic, _stable).view(_step.Images.shape), _draws).flatten(0, 1);
            return Rule.ParameterGradient(gradient, _plastic, _stable);
        }

        public void Dispose()
        {
            _draws.Network.Dispose();
            _step.Dispose();
            _generator.Dispose();
        }

        private Tensor Random(int perClass) => rand([_problem.Classes, perClass, _problem.Channels, Size, Size], dtype: ScalarType.Float64, generator: _generator);
    }
}
