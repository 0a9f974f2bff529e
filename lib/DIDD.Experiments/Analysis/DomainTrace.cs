using DIDD.Data;
using DIDD.Distillation;
using DIDD.Evaluation;
using DIDD.Matching;
using DIDD.Rules;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>
/// The asymmetric update of one domain, watched: the rates after every iteration, how near the gradients are to balance, and one iteration opened. What is
/// watched is the <see cref="Distiller"/>'s own work, to the bit; only the rule reports what it sees.
/// </summary>
public sealed class DomainTrace : IDisposable
{
    private DomainTrace(RunSpec spec, int domain, SyntheticSet set, IReadOnlyList<IterationRecord> records, Watcher watcher, OpenedIteration opened)
    {
        (Spec, Domain, Set, Records, Opened) = (spec, domain, set, records, opened);
        (Alpha, Beta, Balance) = (watcher.Alphas, watcher.Betas, watcher.Balances);
    }

    /// <summary>What was computed.</summary>
    public RunSpec Spec { get; }

    /// <summary>Index of the domain, from 0.</summary>
    public int Domain { get; }

    /// <summary>X̂_t, the set at the end.</summary>
    public SyntheticSet Set { get; }

    /// <summary>The records of the iterations, each with diagnostics.</summary>
    public IReadOnlyList<IterationRecord> Records { get; }

    /// <summary>ᾱ after every iteration, [iterations][C·IPC·f²], or [iterations][C·IPC] with a pair of rates per image.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Alpha { get; }

    /// <summary>β̄ likewise.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Beta { get; }

    /// <summary>
    /// ‖ᾱ·g_S + β̄·g_P‖ / (‖ᾱ·g_S‖ + ‖β̄·g_P‖) of every class after every iteration, [iterations][C], in [0,1]: 0 where the weighted gradients cancel, as
    /// stationarity asks; √½ where they are of one length and at a right angle.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double>> Balance { get; }

    /// <summary>
    /// mean_i ᾱ_i·(L_stable − ε) of every class after every iteration, [iterations][C]: <see cref="IterationDiagnostics.KktResidual"/>, with ε the least L_stable of
    /// the class so far.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double>> Slackness => [.. Records.Select(record => record.Diagnostics!.KktResidual!.Select(residual => (double)residual).ToArray())];

    /// <summary>Spearman's correlation, within an iteration, between a class's mean ᾱ and its L_stable − ε, mean over the second half of the iterations; interval over the classes.</summary>
    public BootstrapInterval BoundCorrelation
    {
        get
        {
            var classes = Balance[0].Count;
            List<double[]> late = [.. Alpha.Skip(Alpha.Count / 2).Select(rates => rates.Chunk(rates.Count / classes).Select(each => each.Average()).ToArray())];
            return BootstrapInterval.RankCorrelation(late, [.. Slackness.Skip(Alpha.Count / 2).Zip(late, (row, alpha) => row.Zip(alpha, (residual, mean) => residual / mean).ToArray())], classes);
        }
    }

    /// <summary>One iteration, with everything that it computed.</summary>
    public OpenedIteration Opened { get; }

    /// <summary>X̂_1, the set after the first domain, as a run of the spec has it; the caller disposes of it.</summary>
    /// <param name="spec">Settings.</param>
    /// <param name="stream">The domains.</param>
    public static SyntheticSet Start(RunSpec spec, DomainStream stream)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(stream);
        return Learners.Create(spec, stream, new Randomness(spec.Seed), CPU).Learn(0, null, cancellation: HostInterrupt.Or(default));
    }

    /// <summary>Distils a domain with the rule asymmetric, watching it.</summary>
    /// <param name="spec">Settings; its rule is passed over.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="previous">X̂_{t−1}; it stays the caller's.</param>
    /// <param name="domain">Index of the domain t, from 1, the second.</param>
    /// <param name="opened">Index of the iteration that is kept in full, from 0.</param>
    /// <exception cref="ArgumentException">It is the first domain, which has no rates, there is no such domain or iteration, or the objective is not one of features.</exception>
    public static DomainTrace Of(RunSpec spec, DomainStream stream, SyntheticSet previous, int domain = 1, int opened = 0)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(previous);
        if (domain < 1 || domain >= stream.Domains.Count)
            throw new ArgumentException($"domain {domain}: rates are learnt in the domains with index 1 to {stream.Domains.Count - 1}", nameof(domain));
        if (opened < 0 || opened >= spec.Distillation.Iterations)
            throw new ArgumentException($"iteration {opened}: there are those with index 0 to {spec.Distillation.Iterations - 1}", nameof(opened));
        if (Learners.Objective(spec) is not FeatureObjective objective)
            throw new ArgumentException($"distillation.objective={spec.Distillation.Objective}: what is opened are features; take m3d or dm", nameof(spec));
        var (randomness, records) = (new Randomness(spec.Seed), new List<IterationRecord>());
        Watcher? watcher = null;
        var distiller = new Distiller(
            stream, spec.Ipc, spec.Distillation, context => watcher = new Watcher(new AsymmetricRule(spec.Asymmetric, context), context, opened), randomness, metaDraw: spec.Meta.Draw,
            createObjective: () => Learners.Objective(spec));
        var set = distiller.Learn(domain, previous, records.Add, cancellation: HostInterrupt.Or(default));
        using var seen = watcher!.Seen!;
        // Draws are addressed: these are the ones that the iteration had.
        var source = new DrawSource(stream, spec.Distillation, spec.Meta.Draw, new RealBatches(stream.Train(domain), randomness, domain, spec.Distillation.RealImages), randomness, domain, CPU, objective);
        return new DomainTrace(spec, domain, set, records, watcher, OpenedIteration.Of(spec, stream, previous, seen, source.At(opened), opened, objective));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Set.Dispose();
        Opened.Dispose();
    }

    /// <summary>The rule, and what passes through it. Tensors are kept beyond the iteration's scope.</summary>
    private sealed class Watcher(AsymmetricRule rule, RuleContext context, int opened) : UpdateRule
    {
        public List<double[]> Alphas { get; } = [];

        public List<double[]> Betas { get; } = [];

        public List<double[]> Balances { get; } = [];

        public RuleCall? Seen { get; private set; }

        public override bool NeedsStability => true;

        public override Tensor? Alpha => rule.Alpha;

        public override Tensor? Beta => rule.Beta;

        public override Tensor? MetaInnerProducts => rule.MetaInnerProducts;

        public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
        {
            var kept = Alphas.Count == opened ? new List<Tensor>() : null;
            void Keep(params ReadOnlySpan<Tensor> tensors)
            {
                foreach (var tensor in tensors)
                    kept?.Add(tensor.clone().DetachFromDisposeScope());
            }
            Keep(images, plastic, stable!);
            var update = rule.Combine(images, plastic, stable, lookAhead =>
            {
                var gradient = metaGradient(lookAhead);
                Keep(rule.Parameters, rule.Alpha, rule.Beta, lookAhead, gradient, rule.ParameterGradient(gradient, plastic, stable!));
                return gradient;
            });
            var applied = rule.Applied!;
            Keep(applied, update);
            Alphas.Add(Values(rule.Alpha));
            Betas.Add(Values(rule.Beta));
            using var grid = new TileGrid(rule.Alpha.shape[0] == images.shape[0] ? 1 : context.Factor, context.Shape, context.Device, context.Type);
            Tensor Norm(Tensor gradient) => gradient.view(context.Classes, -1).norm(1);
            Balances.Add(Values(Norm(update) / (Norm(grid.Spread(applied[0]) * stable!) + Norm(grid.Spread(applied[1]) * plastic)).clamp_min(1e-30)));
            if (kept is not null)
                Seen = new RuleCall(kept);
            return update;
        }

        protected override void Dispose(bool disposing)
        {
            rule.Dispose();
            base.Dispose(disposing);
        }

        private static double[] Values(Tensor tensor) => [.. tensor.cpu().data<float>().Select(value => (double)value)];
    }
}
