using DIDD.Distillation;
using DIDD.Matching;
using static TorchSharp.torch;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="ConsolidatedRule"/>.</summary>
/// <param name="Stability">Weight of the step of the tiles that stay; 0 freezes them.</param>
/// <param name="Always">Takes a tile at every domain, also where there are more domains than tiles.</param>
/// <param name="Together">All tiles follow both losses, weighted (t−1)/t and 1/t.</param>
/// <param name="Networks">Networks by which the tile is chosen that is handed over; 0 for one drawn at random.</param>
public sealed record ConsolidatedSettings(double Stability = 1, bool Always = false, int Networks = 0, bool Together = false);

/// <summary>
/// Consolidation: tiles belong to a domain, and what is handed over is compressed into what stays. Domain t takes ⌊N/t⌋ of a class's N tiles as in
/// <see cref="PartitionRule"/>, and starts them from its real images. They follow L_plastic, taken over them alone; the others follow L_stable, taken over them
/// alone against the whole previous set, so that they come to stand for the tiles handed over as well. Every tile takes a step of the same size: a loss over n of N tiles moves
/// each by 1/n, so that its gradient counts n/N.
/// </summary>
/// <param name="settings">Settings.</param>
/// <param name="context">What is updated.</param>
public sealed class ConsolidatedRule(ConsolidatedSettings settings, RuleContext context) : PartitionRule(context)
{
    private Tensor? _kept;
    private double _share;

    /// <inheritdoc/>
    public override Tensor? PlasticTiles => settings.Together ? null : TakenTiles;

    /// <inheritdoc/>
    public override bool NeedsStability => settings.Stability > 0;

    /// <inheritdoc/>
    public override Tensor? StableTiles => _kept;

    /// <inheritdoc/>
    public override void BeginDomain(DomainContext domain, DistillationStep state)
    {
        base.BeginDomain(domain, state);
        if (settings.Together)
        {
            _share = 1.0 / (domain.Domain + 1);
            return;
        }
        if (TakenTiles is not { } taken)
            return;
        using var scope = NewDisposeScope();
        var all = state.Images.shape[1] * Tiles;
        var kept = ones([taken.shape[0], all], dtype: ScalarType.Bool, device: taken.device).scatter(1, taken, zeros_like(taken).to(ScalarType.Bool));
        _kept = kept.nonzero().select(1, 1).view(taken.shape[0], -1).DetachFromDisposeScope();
        _share = (double)taken.shape[1] / all;
    }

    /// <inheritdoc/>
    protected override int Taken(DomainContext domain, int tiles) => settings.Always ? Math.Max(1, tiles / (domain.Domain + 1)) : base.Taken(domain, tiles);

    /// <inheritdoc/>
    protected override List<long[]> HandOver(DomainContext domain, DistillationStep state, IReadOnlyList<long[]> owners, int count)
    {
        if (settings.Networks == 0)
            return base.HandOver(domain, state, owners, count);
        var similarity = Similarities(domain, state).cpu().to(ScalarType.Float64);
        return [.. owners.Select((perTile, c) =>
        {
            var least = LeastMissed(similarity[c].data<double>().ToArray(), perTile.Length, count).Select(Tile).ToHashSet();
            return perTile.Select((owner, tile) => least.Contains(tile) ? domain.Domain : owner).ToArray();
        })];
        // Decoded image k·IPC+i is tile k of image i.
        int Tile(int decoded) => decoded % Context.Ipc * Tiles + decoded / Context.Ipc;
    }

    // Mean kernel of the decoded previous images, [C,N,N].
    private Tensor Similarities(DomainContext domain, DistillationStep state)
    {
        var sum = (Tensor?)null;
        for (var number = 0; number < settings.Networks; number++)
        {
            var draws = domain.ImportanceDraws(number);
            using (draws.Network)
            {
                var features = state.Features(draws.Network, domain.Previous!.Images.to(Context.Device), draws.Augmentation);
                var kernel = new GaussianKernel().Matrices(features, features).XX;
                sum = sum is null ? kernel : sum + kernel;
            }
        }
        return sum! / settings.Networks;
    }

    /// <summary>The images that a set misses least: one by one, the one without which the rest has the smallest MMD to the whole set.</summary>
    /// <param name="kernel">Kernel matrix of the set, [n·n].</param>
    /// <param name="n">Images of the set.</param>
    /// <param name="count">How many, less than n.</param>
    public static IReadOnlyList<int> LeastMissed(double[] kernel, int n, int count)
    {
        var toAll = Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Sum(j => kernel[i * n + j]) / n).ToArray();
        var kept = Enumerable.Range(0, n).ToList();
        var missed = new List<int>();
        while (missed.Count < count)
        {
            // MMD² without i, but for what is the same for all i.
            var m = kept.Count - 1.0;
            var within = kept.Sum(a => kept.Sum(b => kernel[a * n + b]));
            var cross = kept.Sum(a => toAll[a]);
            var least = kept.MinBy(i => (within - 2 * kept.Sum(b => kernel[i * n + b]) + kernel[i * n + i]) / (m * m) - 2 * (cross - toAll[i]) / m);
            kept.Remove(least);
            missed.Add(least);
        }
        return missed;
    }

    /// <inheritdoc/>
    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) =>
        !settings.Together && TakenTiles is null ? zeros_like(plastic)
        : stable is null ? plastic * _share
        : plastic * _share + stable * (settings.Stability * (1 - _share));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _kept?.Dispose();
        base.Dispose(disposing);
    }
}
