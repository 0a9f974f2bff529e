using DIDD.Data;

namespace DIDD.Distillation;

/// <summary>
/// The real images of every iteration: per class without replacement within an epoch, in an order addressed by (domain, class, epoch).
/// The images left over at the end of an epoch, fewer than a batch, are dropped. A class with fewer images than are asked for gives all of them, and then some again
/// (METHOD §8).
/// </summary>
/// <param name="set">Training images of the domain.</param>
/// <param name="randomness">Source of the orders.</param>
/// <param name="domain">Index of the domain.</param>
/// <param name="batch">Images per class and iteration.</param>
/// <param name="first">Position of the first class among all classes of the set that is distilled; part of the addresses.</param>
/// <exception cref="DataSetException">A class is empty.</exception>
public sealed class RealBatches(DomainSet set, Randomness randomness, int domain, int batch, int first = 0)
{
    private readonly DomainSet _set = set.WithEveryClass(domain, first);
    private readonly (long Epoch, long[] Order)[] _orders = [.. set.ByClass.Select(_ => (-1L, Array.Empty<long>()))];

    /// <summary>The images of an iteration, [C,batch,channels,H,W], pixels in [0,1].</summary>
    public Tensor At(int iteration)
    {
        var indices = new List<long>();
        for (var c = 0; c < _orders.Length; c++)
        {
            var count = _set.ByClass[c].Count;
            var (epoch, position) = Math.DivRem((long)iteration, Math.Max(1, count / batch));
            if (_orders[c].Epoch != epoch)
                _orders[c] = (epoch, randomness.Draw(Math.Max(count, batch), count, Purpose.RealOrder, domain, first + c, epoch));
            for (var i = 0; i < batch; i++)
                indices.Add(_set.ByClass[c][(int)_orders[c].Order[position * batch + i]]);
        }
        return Pixels(_set, [.. indices], _orders.Length);
    }

    /// <summary>Real images for a start, [C,count,channels,H,W], pixels in [0,1].</summary>
    /// <param name="count">Images per class.</param>
    public Tensor Initial(int count)
    {
        var indices = _set.ByClass.SelectMany((images, c) =>
            randomness.Draw(count, images.Count, Purpose.Initialization, domain, first + c).Select(i => images[(int)i]));
        return Pixels(_set, [.. indices], _orders.Length);
    }

    private static Tensor Pixels(DomainSet set, long[] indices, int classes)
    {
        using var scope = NewDisposeScope();
        return (set.Images(tensor(indices)).to(ScalarType.Float32) / 255).unflatten(0, [classes, -1]).MoveToOuterDisposeScope();
    }
}
