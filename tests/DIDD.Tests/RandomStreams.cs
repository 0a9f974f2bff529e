using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>Domains of two classes, horizontal and vertical stripes under noise, 8×8 grey.</summary>
internal sealed class RandomStreams(int domains, OfficialNormalization? official = null, int imagesPerClass = 30, int imagesOfTheSecondClass = 30) : DomainStream(
    "random", [.. Enumerable.Range(0, domains).Select(t => $"{t}")], ["rows", "columns"], new ImageShape(1, 8, 8), new Normalization([0.4f], [0.3f]), "stripes under noise", official)
{
    public override DomainSet Train(int domain) => new Noise(domain, [.. Enumerable.Repeat(0, imagesPerClass), .. Enumerable.Repeat(1, imagesOfTheSecondClass)]);

    public override DomainSet Test(int domain) => new Noise(100 + domain, [.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 30)]);

    private sealed class Noise(int seed, int[] labels) : DomainSet(labels, 2)
    {
        public override Tensor Images(Tensor indices)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)seed, CPU);
            var all = rand([Count, 1, 8, 8], generator: generator) * 100;
            var rows = (arange(8) % 4).ge(2).to(ScalarType.Float32).view(1, 1, 8, 1).expand(1, 1, 8, 8) * 120;
            all += where(tensor([.. Labels.Select(label => label == 0)]).view(-1, 1, 1, 1), rows, rows.transpose(2, 3));
            return all.to(ScalarType.Byte).index_select(0, indices).MoveToOuterDisposeScope();
        }
    }
}
