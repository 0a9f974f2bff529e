using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Benchmarking;

/// <summary>The first classes of a stream, to see how time grows with their number.</summary>
/// <param name="stream">The whole stream; disposed of with this one.</param>
/// <param name="classes">How many, from 1 to all.</param>
internal sealed class ClassSubset(DomainStream stream, int classes) : DomainStream
{
    public override string Name => stream.Name;

    public override IReadOnlyList<string> Domains => stream.Domains;

    public override IReadOnlyList<string> Classes { get; } = [.. stream.Classes.Take(classes)];

    public override ImageShape Shape => stream.Shape;

    public override Normalization Normalization => stream.Normalization;

    public override OfficialNormalization OfficialNormalization => stream.OfficialNormalization;

    public override string Provenance => $"{stream.Provenance}; the first {classes} classes";

    public override DomainSet Train(int domain) => Subset.Of(stream.Train(domain), classes);

    public override DomainSet Test(int domain) => Subset.Of(stream.Test(domain), classes);

    protected override void Dispose(bool disposing) => stream.Dispose();

    private sealed class Subset(DomainSet whole, long[] chosen, int classes) : DomainSet([.. chosen.Select(i => whole.Labels[(int)i])], classes)
    {
        public static Subset Of(DomainSet whole, int classes) => new(whole, [.. whole.ByClass.Take(classes).SelectMany(indices => indices)], classes);

        public override Tensor Images(Tensor indices)
        {
            using var original = tensor(indices.data<long>().ToArray().Select(i => chosen[i]).ToArray());
            return whole.Images(original);
        }
    }
}
