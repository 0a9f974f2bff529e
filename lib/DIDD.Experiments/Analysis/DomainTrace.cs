namespace DIDD.Experiments;

/// <summary>
/// The asymmetric update of one domain, watched: the rates after every iteration, how near the gradients are to balance, and one iteration opened. What is
/// watched is the <see cref="Distiller"/>'s own work, to the bit.
/// </summary>
public sealed class DomainTrace : StepObserver, IDisposable
{
    private readonly DomainStream _stream;
    private readonly SyntheticSet _previous;
    private readonly FeatureObjective _objective;
    private readonly int _opened;
    private readonly List<IterationRecord> _records = [];
    private readonly List<double[]> _alpha = [], _beta = [], _balance = [];
    private LookAhead? _lookAhead;

    private DomainTrace(RunSpec spec, DomainStream stream, SyntheticSet previous, int domain, int opened, FeatureObjective objective, CancellationToken cancellation)
    {
        (Spec, Domain, _stream, _previous, _opened, _objective) = (spec, domain, stream, previous, opened, objective);
        var distiller = new Distiller(
            stream, spec.Ipc, spec.Distillation, context => new AsymmetricRule(spec.Asymmetric, context), new Randomness(spec.Seed), metaDraw: spec.Meta.Draw, createObjective: () => Learners.Objective(spec))
        {
            Observer = this,
        };
        Set = distiller.Learn(domain, previous, _records.Add, cancellation: cancellation);
    }

    /// <summary>What was computed.</summary>
    public RunSpec Spec { get; }

    /// <summary>Index of the domain, from 0.</summary>
    public int Domain { get; }

    /// <summary>X̂_t, the set at the end.</summary>
    public SyntheticSet Set { get; }

    /// <summary>The records of the iterations, each with diagnostics.</summary>
    public IReadOnlyList<IterationRecord> Records => _records;

    /// <summary>ᾱ after every iteration, [iterations][C·IPC·f²], or [iterations][C·IPC] with a pair of rates per image.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Alpha => _alpha;

    /// <summary>β̄ likewise.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Beta => _beta;

    /// <summary>
    /// ‖ᾱ·g_S + β̄·g_P‖ / (‖ᾱ·g_S‖ + ‖β̄·g_P‖) of every class after every iteration, [iterations][C], in [0,1]: 0 where the weighted gradients cancel, as
    /// stationarity asks; √½ where they are of one length and at a right angle.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double>> Balance => _balance;

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
    public OpenedIteration Opened { get; private set; } = null!;

    /// <summary>X̂_1, the set after the first domain, as a run of the spec has it; the caller disposes of it.</summary>
    public static SyntheticSet Start(RunSpec spec, DomainStream stream, CancellationToken cancellation = default) =>
        RunWatcher.Watched(spec, (_, token) => Learners.Create(spec, stream, new Randomness(spec.Seed), CPU).Learn(0, null, cancellation: token), cancellation);

    /// <summary>Distils a domain with the rule asymmetric, watching it.</summary>
    /// <param name="spec">Settings; its rule is passed over.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="previous">X̂_{t−1}; it stays the caller's.</param>
    /// <param name="domain">Index of the domain t, from 1, the second.</param>
    /// <param name="opened">Index of the iteration that is kept in full, from 0.</param>
    /// <param name="cancellation">Stops between two iterations.</param>
    /// <exception cref="ArgumentException">It is the first domain, which has no rates, there is no such domain or iteration, or the objective is not one of features.</exception>
    public static DomainTrace Of(RunSpec spec, DomainStream stream, SyntheticSet previous, int domain = 1, int opened = 0, CancellationToken cancellation = default)
    {
        if (domain < 1 || domain >= stream.Domains.Count)
            throw new ArgumentException($"domain {domain}: rates are learnt in the domains with index 1 to {stream.Domains.Count - 1}", nameof(domain));
        if (opened < 0 || opened >= spec.Distillation.Iterations)
            throw new ArgumentException($"iteration {opened}: there are those with index 0 to {spec.Distillation.Iterations - 1}", nameof(opened));
        if (Learners.Objective(spec) is not FeatureObjective objective)
            throw new ArgumentException($"distillation.objective={spec.Distillation.Objective}: what is opened are features; take m3d or dm", nameof(spec));
        return RunWatcher.Watched(spec, (_, token) => new DomainTrace(spec, stream, previous, domain, opened, objective, token), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Set.Dispose();
        Opened.Dispose();
    }

    /// <inheritdoc/>
    public override void LookedAhead(StepView view, Tensor lookAhead, Tensor metaGradient)
    {
        var rule = (AsymmetricRule)view.Step.Rule;
        if (_alpha.Count == _opened)
            _lookAhead = new LookAhead(
                rule.Parameters.clone(), stack([rule.Alpha, rule.Beta]), lookAhead, metaGradient, rule.ParameterGradient(metaGradient.flatten(0, 1), view.Plastic.flatten(0, 1), view.Stable!.flatten(0, 1)));
    }

    /// <inheritdoc/>
    public override void Combined(StepView view, Tensor update)
    {
        var rule = (AsymmetricRule)view.Step.Rule;
        if (_alpha.Count == _opened)
            Opened = OpenedIteration.Of(Spec, _stream, _previous, view, _lookAhead!, rule.Applied!, update, _opened, _objective);
        _alpha.Add(Values(rule.Alpha));
        _beta.Add(Values(rule.Beta));
        using var grid = new TileGrid(Spec.Asymmetric.PerTile ? Spec.Distillation.Factor : 1, _previous.Shape, update.device, update.dtype);
        Tensor Norm(Tensor gradient) => gradient.view(_previous.Classes, -1).norm(1);
        Tensor Weighted(Tensor rates, Tensor gradient) => grid.Spread(rates) * gradient.flatten(0, 1);
        _balance.Add(Values(Norm(update) / (Norm(Weighted(rule.Applied![0], view.Stable!)) + Norm(Weighted(rule.Applied[1], view.Plastic))).clamp_min(1e-30)));
    }

    private static double[] Values(Tensor tensor) => [.. tensor.cpu().data<float>().Select(value => (double)value)];
}
