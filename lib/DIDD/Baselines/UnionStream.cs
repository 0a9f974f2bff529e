using DIDD.Data;

namespace DIDD.Baselines;

/// <summary>All domains of a stream as a single one: what joint learning sees (METHOD §4). The images stay those of the stream, which it does not own.</summary>
internal sealed class UnionStream(DomainStream stream) : DomainStream
{
    public override string Name => stream.Name;

    public override IReadOnlyList<string> Domains { get; } = [$"all {stream.Domains.Count} domains"];

    public override IReadOnlyList<string> Classes => stream.Classes;

    public override ClassShard Shard => stream.Shard;

    public override ImageShape Shape => stream.Shape;

    public override Normalization Normalization => stream.Normalization;

    public override string Provenance => stream.Provenance;

    public override DomainSet Train(int domain) => Union(domain, stream.Train);

    public override DomainSet Test(int domain) => Union(domain, stream.Test);

    protected override void Dispose(bool disposing)
    {
    }

    private UnionSet Union(int domain, Func<int, DomainSet> images)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(domain, 0);
        return new UnionSet([.. Enumerable.Range(0, stream.Domains.Count).Select(images)]);
    }
}
