using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Baselines;

/// <summary>The images of several sets, one set after the other; an image is still made only when it is asked for.</summary>
internal sealed class UnionSet : DomainSet
{
    private readonly IReadOnlyList<DomainSet> _sets;
    private readonly long[] _starts;

    public UnionSet(IReadOnlyList<DomainSet> sets)
        : base([.. sets.SelectMany(set => set.Labels)], sets[0].ByClass.Count)
    {
        _sets = sets;
        _starts = new long[sets.Count];
        for (var s = 1; s < sets.Count; s++)
            _starts[s] = _starts[s - 1] + sets[s - 1].Count;
    }

    public override Tensor Images(Tensor indices)
    {
        using var scope = NewDisposeScope();
        var bySet = indices.data<long>().ToArray().Select((index, position) => (Set: SetOf(index), Index: index, Position: position)).GroupBy(wanted => wanted.Set).ToList();
        var parts = bySet.Select(set => _sets[set.Key].Images(tensor([.. set.Select(wanted => wanted.Index - _starts[set.Key])])));
        var back = new long[indices.shape[0]];
        foreach (var (position, row) in bySet.SelectMany(set => set).Select((wanted, row) => (wanted.Position, row)))
            back[position] = row;
        var images = cat([.. parts]);
        return images.index_select(0, tensor(back, device: images.device)).MoveToOuterDisposeScope();
    }

    // The complement of what BinarySearch does not find is the next start's position. Of the starts that an empty set makes equal, the last counts.
    private int SetOf(long index)
    {
        var found = Array.BinarySearch(_starts, index);
        if (found < 0)
            return ~found - 1;
        while (found + 1 < _starts.Length && _starts[found + 1] == index)
            found++;
        return found;
    }
}
