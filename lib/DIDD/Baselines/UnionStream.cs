using DIDD.Data;

namespace DIDD.Baselines;

/// <summary>All domains of a stream as a single one: what joint learning sees (METHOD §4). The images stay those of the stream, which it does not own.</summary>
internal sealed class UnionStream(DomainStream stream) : DomainStream(
    stream.Name, [$"all {stream.Domains.Count} domains"], stream.Classes, stream.Shape, stream.Normalization, stream.Provenance, shard: stream.Shard)
{
    public override DomainSet Train(int domain) => Union(domain, stream.Train);

    public override DomainSet Test(int domain) => Union(domain, stream.Test);

    private UnionSet Union(int domain, Func<int, DomainSet> images)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(domain, 0);
        return new UnionSet([.. Enumerable.Range(0, stream.Domains.Count).Select(images)]);
    }

    // One set after the other; an image is still made only when it is asked for.
    private sealed class UnionSet(IReadOnlyList<DomainSet> sets) : DomainSet([.. sets.SelectMany(set => set.Labels)], sets[0].ByClass.Count)
    {
        private readonly (int Set, int Image)[] _places = [.. sets.SelectMany((set, s) => Enumerable.Range(0, set.Count).Select(image => (s, image)))];

        public override Tensor Images(Tensor indices)
        {
            using var scope = NewDisposeScope();
            var wantedPlaces = indices.data<long>().ToArray().Select((index, position) => (Place: _places[index], Position: position));
            var bySet = wantedPlaces.GroupBy(wanted => wanted.Place.Set).ToList();
            var parts = bySet.Select(set => sets[set.Key].Images(tensor([.. set.Select(wanted => (long)wanted.Place.Image)])));
            var back = new long[indices.shape[0]];
            foreach (var (row, wanted) in bySet.SelectMany(set => set).Index())
                back[wanted.Position] = row;
            var images = cat([.. parts]);
            return images.index_select(0, tensor(back, device: images.device)).MoveToOuterDisposeScope();
        }
    }
}
