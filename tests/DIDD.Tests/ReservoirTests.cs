using DIDD.Baselines;
using DIDD.Data;
using DIDD.Figures;
using DIDD.Synthetic;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class ReservoirTests
{
    private const int Classes = 3, Ipc = 2, Size = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Shares_DifferByOneTileAtMost_AfterEveryDomain(int factor)
    {
        var tiles = Ipc * factor * factor;
        foreach (var (domain, set, _) in Sets(factor, domains: tiles + 3))
        {
            Assert.Equal((Classes, Ipc, factor), (set.Classes, set.Ipc, set.Formation.Factor));
            foreach (var owners in set.Owners!.data<long>().ToArray().Chunk(tiles))
            {
                var shares = Enumerable.Range(0, domain + 1).Select(t => owners.Count(owner => owner == t)).ToList();
                Assert.Equal(tiles, shares.Sum());
                Assert.InRange(shares.Max() - shares.Min(), 0, 1);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Tiles_AreShrunkRealImagesOfTheirOwner(int factor)
    {
        foreach (var (_, set, stream) in Sets(factor, domains: 5))
        {
            var owners = set.Owners!.data<long>().ToArray();
            var (pixels, side) = (RunFigures.Pictures(set.Images).SelectMany(image => image).ToArray(), Size / factor);
            for (var i = 0; i < owners.Length; i++)
            {
                var (image, tile) = (i / (factor * factor), i % (factor * factor));
                var found = new byte[side * side];
                for (var p = 0; p < found.Length; p++)
                    found[p] = pixels[image * Size * Size + (tile / factor * side + p / side) * Size + tile % factor * side + p % side];
                Assert.Contains(Shrunk(stream.Train((int)owners[i]), image / Ipc, factor), real => real.SequenceEqual(found));
            }
        }
    }

    [Fact]
    public void EveryDomain_IsEquallyLikelyToOwnASingleTile()
    {
        const int classes = 600, domains = 4;
        using var stream = new NoiseStream(domains, classes, perClass: 1, size: 2);
        var randomness = new Randomness(3);
        using var set = Last(new Reservoir(stream, 1, 1, new RandomSelection(randomness).Choose, randomness, CPU), domains);
        var owners = set.Owners!.data<long>().ToArray();
        // 150 each are expected, with a deviation of √(600·¼·¾) ≈ 10.6.
        Assert.All(Enumerable.Range(0, domains), t => Assert.InRange(owners.Count(owner => owner == t), 110, 190));
    }

    [Fact]
    public void SetWithoutOwners_IsRefused()
    {
        using var stream = new NoiseStream(2, Classes, 10);
        using var set = new SyntheticSet(zeros([Classes, Ipc, 1, Size, Size]), 1);
        var randomness = new Randomness(0);
        var error = Assert.Throws<DataSetException>(() => new Reservoir(stream, Ipc, 1, new RandomSelection(randomness).Choose, randomness, CPU).Learn(1, set));
        Assert.Contains("run again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ClassSmallerThanItsTiles_GivesAllItsImages_AndThenSomeAgain()
    {
        using var stream = new NoiseStream(1, Classes, 7);
        var train = stream.Train(0);
        var randomness = new Randomness(0);
        foreach (var chosen in new[] { new RandomSelection(randomness).Choose(train, 0, 1, 8), new HerdingSelection(new HerdingSettings { Network = new() { Width = 4, Depth = 1 } }, stream, randomness, CPU).Choose(train, 0, 1, 8) })
        {
            Assert.Equal(train.ByClass[1].Order(), chosen.Take(7).Order());
            Assert.Contains(chosen[7], train.ByClass[1]);
        }
        using var set = new Reservoir(stream, Ipc, 2, new RandomSelection(randomness).Choose, randomness, CPU).Learn(0, null);
        Assert.Equal(Ipc, set.Ipc);
    }

    [Fact]
    public void Herd_FollowsTheMean_AsTheGreedySearchDoes()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        var features = randn([12, 3], dtype: ScalarType.Float64, generator: generator);
        var points = features.data<double>().ToArray().Chunk(3).ToArray();
        var mean = Enumerable.Range(0, 3).Select(d => points.Average(point => point[d])).ToArray();
        var chosen = new List<int>();
        double Distance(int candidate) => Enumerable.Range(0, 3).Sum(d => Math.Pow(chosen.Append(candidate).Average(i => points[i][d]) - mean[d], 2));
        while (chosen.Count < 6)
            chosen.Add(Enumerable.Range(0, points.Length).Except(chosen).MinBy(Distance));
        Assert.Equal(chosen.Select(i => (long)i), HerdingSelection.Herd(features, 6));
        Assert.Equal(12, HerdingSelection.Herd(features, 12).Distinct().Count());
    }

    private static IEnumerable<byte[]> Shrunk(DomainSet set, int label, int factor)
    {
        using var images = set.Images(tensor([.. set.ByClass[label]]));
        var side = Size / factor;
        return [.. images.data<byte>().ToArray().Chunk(Size * Size).Select(image => Enumerable.Range(0, side * side).Select(p => image[p / side * factor * Size + p % side * factor]).ToArray())];
    }

    private static IEnumerable<(int Domain, SyntheticSet Set, NoiseStream Stream)> Sets(int factor, int domains)
    {
        using var stream = new NoiseStream(domains, Classes, perClass: 10);
        var randomness = new Randomness(1);
        var reservoir = new Reservoir(stream, Ipc, factor, new RandomSelection(randomness).Choose, randomness, CPU);
        SyntheticSet? set = null;
        for (var domain = 0; domain < domains; domain++)
        {
            using var previous = set;
            set = reservoir.Learn(domain, previous);
            yield return (domain, set, stream);
        }
        set?.Dispose();
    }

    private static SyntheticSet Last(Reservoir reservoir, int domains)
    {
        SyntheticSet? set = null;
        for (var domain = 0; domain < domains; domain++)
        {
            using var previous = set;
            set = reservoir.Learn(domain, previous);
        }
        return set!;
    }
}
