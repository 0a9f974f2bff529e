using DIDD.Data;
using DIDD.Distillation;
using DIDD.Rules;
using DIDD.Synthetic;

namespace DIDD.Baselines;

/// <summary>Chooses images of a class by index, the best first; where it has fewer than asked for, all of them, and then some again.</summary>
internal delegate IReadOnlyList<long> Selection(DomainSet train, int domain, int label, int count);

/// <summary>
/// Reservoir: the budget of IPC·f² tiles per class, filled with real images shrunk by nearest neighbour as the start "mix" shrinks them; no
/// distillation at all (METHOD §10). With f = 1 these are whole real images. For every class, domain t of t takes ⌊N/t⌋ of the N tiles, and one
/// more with the probability that is left over, so that it owns N/t in the mean; it takes them one by one, at random, from the domains that own
/// most. So the shares of any two domains seen differ by one tile at most. It never looks at old real images.
/// </summary>
internal sealed class Reservoir(DomainStream stream, int ipc, int factor, Selection selection, Randomness randomness, Device device) : Learner
{
    public static LearnerEntry Entry { get; } = new(
        "reservoir", context => Of(context, new RandomSelection(context.Randomness, context.Stream.Shard.First).Choose))
    { Title = "Reservoir", Row = 0, Distils = false };

    private readonly MultiFormation _formation = new(factor, stream.Shape);

    public override int Iterations => 0;

    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        if (previous is { Owners: null })
            throw new DataSetException($"the set after domain {domain} does not say which domains own its tiles; delete the run's folder and run again");
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var tiles = ipc * _formation.Tiles;
        var train = stream.Train(domain).WithEveryClass(domain, stream.Shard.First);
        var owners = previous?.Owners!.cpu().data<long>().ToArray() ?? [];
        var (images, after, fresh) = (new List<long>(), new List<long>(), new List<bool>());
        for (var c = 0; c < train.ByClass.Count; c++)
        {
            cancellation.ThrowIfCancellationRequested();
            var owned = previous is null ? null : owners[(c * tiles)..((c + 1) * tiles)];
            var taken = owned is null ? [.. Enumerable.Range(0, tiles)] : Take(owned, domain, randomness.Stream(Purpose.Reservoir, domain, stream.Shard.First + c));
            var chosen = selection(train, domain, c, taken.Count);
            for (var tile = 0; tile < tiles; tile++)
            {
                var position = taken.IndexOf(tile);
                fresh.Add(position >= 0);
                after.Add(position >= 0 ? domain : owned![tile]);
                images.Add(position >= 0 ? chosen[position] : train.ByClass[c][0]);
            }
        }
        var real = train.Scaled(tensor([.. images]), device);
        var set = Mosaic(real);
        if (previous is not null)
        {
            var taken = tensor([.. fresh.Select(f => f ? 1f : 0f)], device: device).view(-1, 1, 1, 1);
            set = where(Mosaic(taken.expand_as(real)) > 0, set, previous.Images.to(device));
        }
        return new SyntheticSet(set, factor, owners: tensor([.. after]));
    }

    internal static Reservoir Of(LearnerContext context, Selection selection) =>
        new(context.Stream, context.Ipc, context.Distillation.Factor, selection, context.Randomness, context.Device);

    // The tiles that the domain takes, in the order in which it takes them; owned: the domain that owns each of the class's N tiles.
    private static List<int> Take(long[] owned, int domain, RandomStream stream)
    {
        var share = (double)owned.Length / (domain + 1);
        return PartitionRule.Take(owned, (int)share + (stream.NextDouble() < share - (int)share ? 1 : 0), stream);
    }

    // [C·N,channels,H,W], image after image and tile after tile, to [C,IPC,channels,H,W].
    private Tensor Mosaic(Tensor perTile) => _formation.Mix(perTile.unflatten(0, [-1, ipc, _formation.Tiles]).transpose(1, 2).flatten(1, 2));
}
