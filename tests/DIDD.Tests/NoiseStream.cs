using System.Globalization;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>Domains of random 8-bit images, all different: what a tile shows can be traced to its image.</summary>
internal sealed class NoiseStream(int domains, int classes, int perClass, int size = 8) : DomainStream
{
    public override string Name => "noise";

    public override IReadOnlyList<string> Domains { get; } = [.. Enumerable.Range(0, domains).Select(t => t.ToString(CultureInfo.InvariantCulture))];

    public override IReadOnlyList<string> Classes { get; } = [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];

    public override ImageShape Shape { get; } = new(1, size, size);

    public override Normalization Normalization { get; } = new([0.5f], [0.3f]);

    public override string Provenance => "random numbers";

    public override DomainSet Train(int domain) => new Noise(domain, classes, perClass, Shape);

    public override DomainSet Test(int domain) => new Noise(domains + domain, classes, perClass, Shape);

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Noise(int seed, int classes, int perClass, ImageShape shape) : DomainSet([.. Enumerable.Range(0, classes * perClass).Select(i => i % classes)], classes)
    {
        public override Tensor Images(Tensor indices)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)seed, CPU);
            return randint(256, [Count, shape.Channels, shape.Height, shape.Width], ScalarType.Byte, generator: generator).index_select(0, indices).MoveToOuterDisposeScope();
        }
    }
}
