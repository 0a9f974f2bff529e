using DIDD.Distillation;
using DIDD.Synthetic;

namespace DIDD.Rules;

/// <summary>
/// Partition, the hard limit of division of labour, ᾱ, β̄ ∈ {0,1} (METHOD §10): domain t takes ⌊N/t⌋ of a class's N = IPC·f² tiles, evenly from the
/// others. Only those are distilled, L_P taken over them alone; the rest stay frozen. Taken tiles start from real images of the new domain,
/// shrunk as at the start of the first. For N &lt; t the domains go through a reservoir: with probability N/t the domain takes one random tile of
/// every class, else nothing moves.
/// </summary>
internal class PartitionRule(RuleContext context) : UpdateRule
{
    public static RuleEntry Entry { get; } = new("partition", (_, context) => new PartitionRule(context)) { Title = "Partition", Row = 8, StartsFromReal = true };

    private const string StateName = "owners";

    private Tensor? _owners, _taken, _trained;

    protected RuleContext Context => context;

    /// <summary>Tiles of a stored image, f².</summary>
    protected int Tiles => Context.Factor * Context.Factor;

    public override bool NeedsStability => false;

    public override Tensor? Alpha => _taken is null ? null : 1 - _taken;

    public override Tensor? Beta => _taken;

    public override Tensor? PlasticTiles => _trained;

    public override void BeginDomain(DomainContext domain, DistillationStep state)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var owners = domain.Previous!.State[StateName].cpu().data<long>().ToArray().Chunk(Context.Ipc * Tiles)
            .ToList();
        owners = Taken(domain, owners[0].Length) is > 0 and var count ? HandOver(domain, state, owners, count) : owners;
        _owners = stack([.. owners.Select(perTile => tensor(perTile))]).to(Context.Device).DetachFromDisposeScope();
        var taken = _owners.eq(domain.Domain);
        _taken = taken.flatten().to(Context.Type).DetachFromDisposeScope();
        if (owners[0].Contains(domain.Domain))
            _trained = stack([.. owners.Select(perTile => tensor(Decoded(perTile, domain.Domain)))]).to(Context.Device).DetachFromDisposeScope();
        state.Images.copy_(where(Pixels(taken), Starts(domain), state.Images));
    }

    public override IReadOnlyDictionary<string, Tensor> EndDomain(DomainContext domain, DistillationStep state) => new Dictionary<string, Tensor>
    {
        [StateName] = _owners?.clone() ?? zeros([Context.Classes, Context.Ipc * Tiles], dtype: ScalarType.Int64, device: Context.Device),
    };

    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient) =>
        _trained is null ? zeros_like(plastic) : plastic;

    /// <summary>
    /// How many of N tiles of every class domain t − 1 takes: ⌊N/t⌋, and for N &lt; t one with probability N/t, else none; the same for all classes, so that a
    /// domain has tiles of all of them or of none.
    /// </summary>
    public static int Share(int domain, int tiles, Randomness randomness) =>
        randomness.Stream(Purpose.TileOwner, domain, -1).NextDouble() * (domain + 1) < tiles ? Math.Max(1, tiles / (domain + 1)) : 0;

    /// <summary>How many tiles of every class the domain takes of N.</summary>
    protected virtual int Taken(DomainContext domain, int tiles) => Share(domain.Domain, tiles, domain.Randomness);

    /// <summary>Hands tiles of every class over to the domain, while the images are those of X̂_{t−1}: the owners of N tiles of each, in order.</summary>
    protected virtual List<long[]> HandOver(DomainContext domain, DistillationStep state, IReadOnlyList<long[]> owners, int count) =>
        [.. owners.Select((perTile, c) => Passed(
            perTile, Take(perTile, count, domain.Randomness.Stream(Purpose.TileOwner, domain.Domain, Context.Shard.First + c)), domain.Domain))];

    /// <summary>The owners of a class's tiles after some were taken for a domain.</summary>
    public static long[] Passed(long[] owners, IReadOnlyList<int> taken, int domain) =>
        [.. owners.Select((owner, tile) => taken.Contains(tile) ? domain : owner)];

    /// <summary>The tiles of a class, [N] owners, that a new domain takes, one by one: each at random from an owner that then has the most.</summary>
    public static List<int> Take(IReadOnlyList<long> owners, int count, RandomStream stream)
    {
        var (left, taken) = (Enumerable.Range(0, owners.Count).ToList(), new List<int>());
        while (taken.Count < count)
        {
            var byOwner = left.GroupBy(tile => owners[tile]).ToList();
            var most = byOwner.Max(tiles => tiles.Count());
            var candidates = byOwner.Where(tiles => tiles.Count() == most).SelectMany(tiles => tiles).ToList();
            taken.Add(candidates[stream.NextInteger(0, candidates.Count)]);
            left.Remove(taken[^1]);
        }
        return taken;
    }

    public override void Dispose()
    {
        _owners?.Dispose();
        _taken?.Dispose();
        _trained?.Dispose();
        base.Dispose();
    }

    /// <summary>The domain's real images that tiles start from, shrunk, [C,IPC,channels,H,W].</summary>
    protected Tensor Starts(DomainContext domain) => new MultiFormation(Context.Factor, Context.Shape).Mix(domain.Real.Initial(Context.Ipc * Tiles).to(Context.Device));

    // Tile k of image i is decoded image k·IPC+i.
    private long[] Decoded(long[] owners, int domain) =>
        [.. Enumerable.Range(0, owners.Length).Where(tile => owners[tile] == domain).Select(tile => (long)(tile % Tiles * Context.Ipc + tile / Tiles))];

    /// <summary>Whether a pixel belongs to one of the tiles that are given, [C·N], image after image: [C,IPC,1,H,W].</summary>
    protected Tensor Pixels(Tensor tiles)
    {
        using var grid = new TileGrid(Context.Factor, Context.Shape, Context.Device, Context.Type);
        return grid.Spread(tiles.flatten().to(Context.Type)).ne(0).view(Context.Classes, Context.Ipc, 1, Context.Shape.Height, Context.Shape.Width);
    }
}
