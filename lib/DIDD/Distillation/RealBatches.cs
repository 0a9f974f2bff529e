using DIDD.Data;

namespace DIDD.Distillation;

/// <summary>
/// The real images of every iteration: per class without replacement within an epoch, in an order addressed by (domain, class, epoch).
/// The images left over at the end of an epoch, fewer than a batch, are dropped. A class with fewer images than are asked for gives all of them, and then some again
/// (METHOD §8).
/// </summary>
public sealed class RealBatches
{
    private readonly DomainSet _set;
    private readonly Randomness _randomness;
    private readonly int _domain, _batch, _first;
    private readonly (long Epoch, long[] Order)[] _orders;

    /// <summary>Creates the batches of a domain.</summary>
    /// <param name="set">Its training images.</param>
    /// <param name="randomness">Source of the orders.</param>
    /// <param name="domain">Index of the domain.</param>
    /// <param name="batch">Images per class and iteration.</param>
    /// <param name="first">Position of the first class among all classes of the set that is distilled; part of the addresses.</param>
    /// <exception cref="DataSetException">A class is empty.</exception>
    public RealBatches(DomainSet set, Randomness randomness, int domain, int batch, int first = 0)
    {
        for (var c = 0; c < set.ByClass.Count; c++)
            if (set.ByClass[c].Count == 0)
                throw new DataSetException($"domain {domain + 1}, class {first + c}: no training images; every domain needs images of every class, so check the data set's folder");
        (_set, _randomness, _domain, _batch, _first) = (set, randomness, domain, batch, first);
        _orders = new (long, long[])[set.ByClass.Count];
        Array.Fill(_orders, (-1, []));
    }

    /// <summary>The images of an iteration, [C,batch,channels,H,W], pixels in [0,1].</summary>
    public Tensor At(int iteration)
    {
        var indices = new List<long>();
        for (var c = 0; c < _orders.Length; c++)
        {
            var count = _set.ByClass[c].Count;
            var (epoch, position) = Math.DivRem((long)iteration, Math.Max(1, count / _batch));
            if (_orders[c].Epoch != epoch)
                _orders[c] = (epoch, _randomness.Draw(Math.Max(count, _batch), count, Purpose.RealOrder, _domain, _first + c, epoch));
            for (var i = 0; i < _batch; i++)
                indices.Add(_set.ByClass[c][(int)_orders[c].Order[position * _batch + i]]);
        }
        return Pixels(_set, [.. indices], _orders.Length);
    }

    /// <summary>Real images for a start, [C,count,channels,H,W], pixels in [0,1].</summary>
    /// <param name="count">Images per class.</param>
    public Tensor Initial(int count)
    {
        var indices = _set.ByClass.SelectMany((images, c) => _randomness.Draw(count, images.Count, Purpose.Initialization, _domain, _first + c).Select(i => images[(int)i]));
        return Pixels(_set, [.. indices], _orders.Length);
    }

    private static Tensor Pixels(DomainSet set, long[] indices, int classes)
    {
        using var scope = NewDisposeScope();
        return (set.Images(tensor(indices)).to(ScalarType.Float32) / 255).unflatten(0, [classes, -1]).MoveToOuterDisposeScope();
    }
}
