using System.Globalization;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>Domains of random 8-bit images, all different: what a tile shows can be traced to its image.</summary>
internal sealed class NoiseStream(int domains, int classes, int perClass, int size = 8) : DomainStream(
    "noise", Numbers(domains), Numbers(classes), new ImageShape(1, size, size), new Normalization([0.5f], [0.3f]), "random numbers")
{
    public override DomainSet Train(int domain) => new Noise(domain, classes, perClass, Shape);

    public override DomainSet Test(int domain) => new Noise(domains + domain, classes, perClass, Shape);

    private static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];

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
