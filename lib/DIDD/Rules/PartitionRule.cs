using DIDD.Distillation;
using static TorchSharp.torch;

namespace DIDD.Rules;

/// <summary>
/// Partition, the hard limit of division of labour, ᾱ, β̄ ∈ {0,1} (METHOD §10): domain t takes ⌊N/t⌋ of a class's N = IPC·f² tiles, evenly from the
/// others. Only those are distilled, L_P taken over them alone; the rest stay frozen. Taken tiles start from real images of the new domain,
/// shrunk as at the start of the first. For N &lt; t the domains go through a reservoir: with probability N/t the domain takes one random tile of
/// every class, else nothing moves.
/// </summary>
/// <param name="context">What is updated.</param>
public sealed class PartitionRule(RuleContext context) : UpdateRule
{
    private const string StateName = "owners";

    private readonly int _tiles = context.Factor * context.Factor;
    private Tensor? _owners;
    private Tensor? _taken;
    private Tensor? _trained;

    /// <inheritdoc/>
    public override bool NeedsStability => false;

    /// <inheritdoc/>
    public override Tensor? Alpha => _taken is null ? null : 1 - _taken;

    /// <inheritdoc/>
    public override Tensor? Beta => _taken;

    /// <inheritdoc/>
    public override Tensor? Trained => _trained;

    /// <inheritdoc/>
    public override void BeginDomain(DomainContext domain, DistillationStep state)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var owners = domain.Previous!.State[StateName].cpu().data<long>().ToArray().Chunk(context.Ipc * _tiles)
            .Select((perTile, c) => Pass(perTile, domain.Domain, context.Shard.First + c, domain.Randomness)).ToList();
        _owners = stack([.. owners.Select(perTile => tensor(perTile))]).to(context.Device).DetachFromDisposeScope();
        var taken = _owners.eq(domain.Domain);
        _taken = taken.flatten().to(context.Type).DetachFromDisposeScope();
        if (owners[0].Contains(domain.Domain))
            _trained = stack([.. owners.Select(perTile => tensor(Decoded(perTile, domain.Domain)))]).to(context.Device).DetachFromDisposeScope();
        var real = new MultiFormation(context.Factor, context.Shape).Mix(domain.Real.Initial(context.Ipc * _tiles).to(context.Device));
        state.Images.copy_(where(Pixels(taken), real, state.Images));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> EndDomain(DomainContext domain, DistillationStep state) => new Dictionary<string, Tensor>
    {
        [StateName] = _owners?.clone() ?? zeros([context.Classes, context.Ipc * _tiles], dtype: ScalarType.Int64, device: context.Device),
    };

    /// <inheritdoc/>
    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) =>
        _trained is null ? zeros_like(plastic) : plastic;

    /// <summary>Passes tiles of a class to a new domain: max(1, ⌊N/t⌋) of them, each from an owner that then has the most; or none, see the class.</summary>
    /// <param name="owners">The domain that each of the N tiles belongs to, image after image.</param>
    /// <param name="domain">t − 1, at least 1.</param>
    /// <param name="classIndex">The class; part of the address of the draws.</param>
    /// <param name="randomness">Source of the draws.</param>
    /// <returns>The owners afterwards, [N].</returns>
    public static long[] Pass(IReadOnlyList<long> owners, int domain, int classIndex, Randomness randomness)
    {
        var next = owners.ToArray();
        // One draw for all classes, so that a domain has tiles of all of them or of none.
        if (randomness.Stream(Purpose.TileOwner, domain, -1).NextDouble() * (domain + 1) >= next.Length)
            return next;
        var stream = randomness.Stream(Purpose.TileOwner, domain, classIndex);
        for (var count = Math.Max(1, next.Length / (domain + 1)); count > 0; count--)
        {
            var byOwner = Enumerable.Range(0, next.Length).Where(tile => next[tile] != domain).GroupBy(tile => next[tile]).ToList();
            var most = byOwner.Max(tiles => tiles.Count());
            var candidates = byOwner.Where(tiles => tiles.Count() == most).SelectMany(tiles => tiles).ToList();
            next[candidates[stream.NextInteger(0, candidates.Count)]] = domain;
        }
        return next;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _owners?.Dispose();
        _taken?.Dispose();
        _trained?.Dispose();
        base.Dispose(disposing);
    }

    // Tile k of image i is decoded image k·IPC+i.
    private long[] Decoded(long[] owners, int domain) =>
        [.. Enumerable.Range(0, owners.Length).Where(tile => owners[tile] == domain).Select(tile => (long)(tile % _tiles * context.Ipc + tile / _tiles))];

    // [C,IPC,1,H,W] of [C,N]: every pixel's tile, cut as for decoding.
    private Tensor Pixels(Tensor perTile)
    {
        var (height, width) = (context.Shape.Height, context.Shape.Width);
        int Index(int position, int size) => position / ((size + context.Factor - 1) / context.Factor);
        var tiles = Enumerable.Range(0, height * width).Select(pixel => (long)(Index(pixel / width, height) * context.Factor + Index(pixel % width, width)));
        return perTile.view(context.Classes, context.Ipc, _tiles).index_select(2, tensor(tiles.ToArray(), device: perTile.device))
            .view(context.Classes, context.Ipc, 1, height, width);
    }
}
