using DIDD.Baselines;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class UnionStreamTests
{
    [Fact]
    public void UnionOfDomains_HasTheirImages_OneDomainAfterTheOther()
    {
        using var scope = NewDisposeScope();
        using var stream = new NoiseStream(domains: 3, classes: 2, perClass: 5);
        using var union = new UnionStream(stream);
        var all = union.Train(0);
        Assert.Equal((1, 30), (union.Domains.Count, all.Count));
        Assert.All(all.ByClass, images => Assert.Equal(15, images.Count));
        long[] wanted = [29, 0, 10, 9, 19, 20, 9];
        var found = all.Images(tensor(wanted));
        for (var i = 0; i < wanted.Length; i++)
        {
            var set = stream.Train((int)(wanted[i] / 10));
            Assert.True(found[i].equal(set.Images(tensor([wanted[i] % 10]))[0]).all().item<bool>(), $"image {wanted[i]}");
            Assert.Equal(set.Labels[(int)(wanted[i] % 10)], all.Labels[(int)wanted[i]]);
        }
    }

    [Fact]
    public void Union_IsASingleDomain()
    {
        using var stream = new NoiseStream(2, 2, 2);
        using var union = new UnionStream(stream);
        Assert.Throws<ArgumentOutOfRangeException>(() => union.Train(1));
    }
}
