using DIDD.Distillation;
using DIDD.Matching;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="ConsolidatedRule"/>.</summary>
/// <param name="Stability">Weight of the step of the tiles that stay; 0 freezes them.</param>
/// <param name="Networks">Networks by whose features tiles are compared; 0 hands over tiles at random, and for N &lt; t one with probability N/t, as <see cref="PartitionRule"/> does.</param>
/// <param name="Real">Share of the tiles that stay real images, as they start, in [0,1]; the others are distilled beside them: a hybrid memory, after Kong et al. 2024 (arXiv 2410.15372).</param>
public sealed record ConsolidatedSettings(
    [property: Range(0, double.MaxValue)] double Stability = 1, [property: Range(0, int.MaxValue)] int Networks = 8,
    [property: Range(0.0, 1.0), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double Real = 0);

/// <summary>
/// Consolidation: a tile belongs to the domains that it stands for, and what is handed over is compressed into what stays. Domain t takes max(1, ⌊N/t⌋) of a class's N
/// tiles: one by one the tile that is nearest to another, the one that stands for less (Ward's criterion); the other stands for both from then on. New tiles start from real
/// images and follow L_plastic, taken over them alone; the others follow L_stable, taken over them alone against the whole previous set. A loss over n of N tiles moves each
/// by 1/n: its gradient counts n/N, so that every tile takes a step of the same size. The step falls to zero within a domain.
/// </summary>
internal sealed class ConsolidatedRule(ConsolidatedSettings settings, RuleContext context) : PartitionRule(context)
{
    public static new RuleEntry Entry { get; } = new("consolidated", (settings, context) => new ConsolidatedRule(settings.Section<ConsolidatedSettings>(), context))
    {
        Title = "Consolidation",
        Row = 9,
        StartsFromReal = true,
        Start = settings => settings with { Decay = StepDecay.Cosine },
    };

    private const string StateName = "masses";

    private Tensor? _kept, _masses, _real;
    private double _share;

    // A single tile is near to none.
    private bool AtRandom => settings.Networks == 0 || Context.Ipc * Tiles == 1;

    public override bool NeedsStability => settings.Stability > 0;

    public override Tensor? StableTiles => _kept;

    public override void BeginDomain(DomainContext domain, DistillationStep state)
    {
        base.BeginDomain(domain, state);
        _real = settings.Real > 0 ? RealPixels() : null;
        if (PlasticTiles is not { } taken)
            return;
        var all = Context.Ipc * Tiles;
        _share = (double)taken.shape[1] / all;
        if (_share == 1)
            return;
        using var scope = NewDisposeScope();
        var kept = ones([taken.shape[0], all], dtype: ScalarType.Bool, device: taken.device).scatter(1, taken, zeros_like(taken).to(ScalarType.Bool));
        _kept = kept.nonzero().select(1, 1).view(taken.shape[0], -1).DetachFromDisposeScope();
    }

    public override IReadOnlyDictionary<string, Tensor> EndDomain(DomainContext domain, DistillationStep state)
    {
        // The first domain is distilled without the rule.
        if (domain.Previous is null && settings.Real > 0)
        {
            using var scope = NewDisposeScope();
            state.Images.copy_(where(RealPixels().view([.. state.Images.shape.Take(2), 1, .. state.Images.shape.Skip(3)]), Starts(domain), state.Images));
        }
        return new Dictionary<string, Tensor>(base.EndDomain(domain, state))
        {
            [StateName] = _masses?.clone() ?? full([Context.Classes, Context.Ipc * Tiles], 1.0 / (Context.Ipc * Tiles), dtype: ScalarType.Float64, device: Context.Device),
        };
    }

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
    {
        var update = PlasticTiles is null ? zeros_like(plastic)
            : stable is null ? plastic * _share
            : plastic * _share + stable * (settings.Stability * (1 - _share));
        return _real is null ? update : update.masked_fill(_real, 0);
    }

    /// <summary>
    /// Merges points one by one whose distances, [n·n], are given, always the two with the smallest m_a·m_b/(m_a+m_b)·‖a−b‖² (Ward 1963): the lighter is given
    /// up, its mass 0, and the other takes it. Less than n are given up.
    /// </summary>
    public static IReadOnlyList<int> Merge(double[] distances, double[] masses, int count)
    {
        var n = masses.Length;
        var left = Enumerable.Range(0, n).ToList();
        var given = new List<int>();
        while (given.Count < count)
        {
            var (a, b) = left.SelectMany((a, i) => left.Skip(i + 1).Select(b => (a, b))).MinBy(pair => masses[pair.a] * masses[pair.b] / (masses[pair.a] + masses[pair.b]) * distances[pair.a * n + pair.b]);
            var (lighter, heavier) = masses[a] < masses[b] ? (a, b) : (b, a);
            (masses[heavier], masses[lighter]) = (masses[a] + masses[b], 0);
            left.Remove(lighter);
            given.Add(lighter);
        }
        return given;
    }

    protected override int Taken(DomainContext domain, int tiles) => AtRandom ? base.Taken(domain, tiles) : Math.Max(1, tiles / (domain.Domain + 1));

    protected override List<long[]> HandOver(DomainContext domain, DistillationStep state, IReadOnlyList<long[]> owners, int count)
    {
        if (AtRandom)
            return base.HandOver(domain, state, owners, count);
        var (distances, next) = (Distances(domain, state), new List<long[]>());
        var masses = domain.Previous!.State[StateName].cpu().data<double>().ToArray().Chunk(owners[0].Length).ToList();
        for (var c = 0; c < owners.Count; c++)
        {
            var given = Merge([.. distances[c].data<double>()], masses[c], count);
            next.Add(Passed(owners[c], given, domain.Domain));
            foreach (var tile in given)
                masses[c][tile] = 1.0 / count;
        }
        _masses = tensor([.. masses.SelectMany(perTile => perTile)]).view(owners.Count, -1).to(Context.Device).DetachFromDisposeScope();
        return next;
    }

    public override void Dispose()
    {
        _kept?.Dispose();
        _masses?.Dispose();
        _real?.Dispose();
        base.Dispose();
    }

    // Where the tiles are that stay real, evenly among a class's N: [C·IPC,1,H,W].
    private Tensor RealPixels()
    {
        var all = Context.Ipc * Tiles;
        using var isReal = tensor([.. Enumerable.Range(0, Context.Classes * all).Select(tile => (int)((tile % all + 1) * settings.Real) > (int)(tile % all * settings.Real))], device: Context.Device);
        using var pixels = Pixels(isReal);
        return pixels.flatten(0, 1).clone().DetachFromDisposeScope();
    }

    // Of the tiles of the previous set in the kernel's space, k(a,a) + k(b,b) − 2·k(a,b), mean over the networks, image after image, [C,N,N].
    private Tensor Distances(DomainContext domain, DistillationStep state)
    {
        var sum = zeros(1, dtype: ScalarType.Float64);
        for (var number = 0; number < settings.Networks; number++)
        {
            using var scope = NewDisposeScope();
            var draws = domain.ImportanceDraws(number);
            using (draws.Network)
            {
                var features = state.Features(draws.Network, domain.Previous!.Images.to(Context.Device), draws.Augmentation);
                features = features.view(features.shape[0], Tiles, Context.Ipc, -1).transpose(1, 2).reshape(features.shape);
                var kernel = new GaussianKernel().Matrices(features, features).XX.cpu().to(ScalarType.Float64);
                var own = kernel.diagonal(dim1: 1, dim2: 2);
                sum = (sum + own.unsqueeze(1) + own.unsqueeze(2) - 2 * kernel).MoveToOuterDisposeScope();
            }
        }
        return sum / settings.Networks;
    }
}
