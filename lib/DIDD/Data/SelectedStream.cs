namespace DIDD.Data;

/// <summary>Some domains and classes of another stream, in an order of their own, with as many training images of a class as wanted.</summary>
/// <param name="whole">The other stream; disposed of with this one.</param>
/// <param name="domains">Its domains, in the order in which they arrive here.</param>
/// <param name="classes">Its classes, in their order here.</param>
/// <param name="imagesPerClass">Training images per class at most, drawn without replacement; 0 for all.</param>
/// <param name="randomness">Gives the draw, addressed by the other stream's domain and class.</param>
/// <param name="shard">Where the classes stand among those of the set that is distilled; null where they are all of them.</param>
/// <param name="arrival">How the classes arrive; null for those of the other stream's domains.</param>
public sealed class SelectedStream(
    DomainStream whole, IReadOnlyList<int> domains, IReadOnlyList<int> classes, int imagesPerClass, Randomness randomness, ClassShard? shard = null,
    ClassArrival? arrival = null)
    : DomainStream(
        whole.Name, [.. domains.Select(domain => whole.Domains[domain])], [.. classes.Select(label => whole.Classes[label])], whole.Shape,
        whole.Normalization, whole.Provenance, whole.OfficialNormalization, shard)
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> ClassesAt(int domain)
    {
        if (arrival is not null)
            return [.. arrival.At(domain, classes.Count)];
        var present = whole.ClassesAt(domains[domain]);
        return [.. classes.Index().Where(label => present.Contains(label.Item)).Select(label => label.Index)];
    }

    /// <inheritdoc/>
    public override DomainSet Train(int domain)
    {
        var set = whole.Train(domains[domain]);
        return Part(set, domain, imagesPerClass <= 0 ? set.ByClass : [.. set.ByClass.Select((images, label) => Draw(images, domains[domain], label))]);
    }

    /// <inheritdoc/>
    public override DomainSet Test(int domain)
    {
        var set = whole.Test(domains[domain]);
        return Part(set, domain, set.ByClass);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        whole.Dispose();
        base.Dispose();
    }

    private Subset Part(DomainSet set, int domain, IReadOnlyList<IReadOnlyList<long>> byClass)
    {
        var chosen = ClassesAt(domain).SelectMany(position => byClass[classes[position]].Select(image => (Image: image, Class: position))).OrderBy(c => c.Image).ToList();
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

/// <summary>How classes arrive, in their order.</summary>
/// <param name="PerDomain">How many with every domain, at least 1, until all are there.</param>
/// <param name="Return">Whether those that have arrived are in every later domain too; else a domain has none but its own.</param>
public sealed record ClassArrival(int PerDomain, bool Return)
{
    /// <summary>The classes of a domain.</summary>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="classes">C.</param>
    public IEnumerable<int> At(int domain, int classes) => Enumerable.Range(0, classes).Where(c => Return ? c / PerDomain <= domain : c / PerDomain == domain);
}
