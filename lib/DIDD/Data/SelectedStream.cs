namespace DIDD.Data;

/// <summary>Some domains and classes of another stream, in an order of their own, with as many training images of a class as wanted.</summary>
/// <param name="whole">The other stream; disposed of with this one.</param>
/// <param name="domains">Its domains, in the order in which they arrive here.</param>
/// <param name="classes">Its classes, in their order here.</param>
/// <param name="imagesPerClass">Training images per class at most, drawn without replacement; 0 for all.</param>
/// <param name="randomness">Gives the draw, addressed by the other stream's domain and class.</param>
/// <param name="shard">Where the classes stand among those of the set that is distilled; null where they are all of them.</param>
public sealed class SelectedStream(
    DomainStream whole, IReadOnlyList<int> domains, IReadOnlyList<int> classes, int imagesPerClass, Randomness randomness, ClassShard? shard = null)
    : DomainStream(
        whole.Name, [.. domains.Select(domain => whole.Domains[domain])], [.. classes.Select(label => whole.Classes[label])], whole.Shape,
        whole.Normalization, whole.Provenance, whole.OfficialNormalization, shard)
{
    /// <inheritdoc/>
    public override DomainSet Train(int domain)
    {
        var set = whole.Train(domains[domain]);
        return Part(set, imagesPerClass <= 0 ? set.ByClass : [.. set.ByClass.Select((images, label) => Draw(images, domains[domain], label))]);
    }

    /// <inheritdoc/>
    public override DomainSet Test(int domain)
    {
        var set = whole.Test(domains[domain]);
        return Part(set, set.ByClass);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        whole.Dispose();
        base.Dispose();
    }

    private Subset Part(DomainSet set, IReadOnlyList<IReadOnlyList<long>> byClass)
    {
        var chosen = classes.SelectMany((label, position) => byClass[label].Select(image => (Image: image, Class: position))).OrderBy(c => c.Image).ToList();
        return new Subset(set, [.. chosen.Select(c => c.Image)], [.. chosen.Select(c => c.Class)], classes.Count);
    }

    private IReadOnlyList<long> Draw(IReadOnlyList<long> images, int domain, int label) => images.Count <= imagesPerClass ? images
        : [.. randomness.Draw(imagesPerClass, images.Count, Purpose.ImagesPerClass, domain, label).Select(position => images[(int)position])];

    private sealed class Subset(DomainSet set, long[] images, int[] labels, int classes) : DomainSet(labels, classes)
    {
        public override Tensor Images(Tensor indices)
        {
            using var scope = NewDisposeScope();
            return set.Images(tensor(images).index_select(0, indices)).MoveToOuterDisposeScope();
        }
    }
}
