using DIDD.Data;

namespace DIDD.Networks;

/// <summary>In what the convolutions of a pass without gradient compute.</summary>
public enum TargetPrecision
{
    /// <summary>float32.</summary>
    Full,

    /// <summary>
    /// bfloat16, 8 significant bits, from the second convolution on; sums, norms and features stay in float32. About twice as fast on processors with AVX-512 BF16 or AMX and
    /// on GPUs, slower on others.
    /// </summary>
    Bfloat16,
}

/// <summary>A feature extractor and a linear classifier on top.</summary>
public abstract class Network : IDisposable
{
    private readonly Dictionary<string, Parameter> _weights = [];

    static Network() => NativeRuntime.LeaveOneDnnOut();

    /// <summary>The weights under PyTorch's names.</summary>
    public IReadOnlyDictionary<string, Parameter> Weights => _weights;

    /// <summary>Whether layers that behave differently in training and use (batch norm) are in training mode; true at the start.</summary>
    public bool Training { get; set; } = true;

    /// <summary>Whether the features of an image depend on the others of its batch: a batch norm in training mode.</summary>
    public virtual bool DependsOnBatch => false;

    /// <summary>Penultimate features.</summary>
    /// <param name="images">[N,channels,H,W], normalised.</param>
    /// <returns>[N,d].</returns>
    public abstract Tensor Features(Tensor images);

    /// <summary>Class scores.</summary>
    /// <param name="features">[N,d], from <see cref="Features"/>.</param>
    /// <returns>[N,classes].</returns>
    public Tensor Logits(Tensor features) => nn.functional.linear(features, _weights["classifier.weight"], _weights["classifier.bias"]);

    /// <summary>Embeds: features without a gradient, a few images at a time, so that activations stay in the cache.</summary>
    /// <param name="images">[N,channels,H,W], normalised.</param>
    /// <param name="group">Images that belong together, where an image's features depend on its batch (<see cref="DependsOnBatch"/>); 0 for all.</param>
    /// <param name="precision">In what the convolutions compute; networks other than <see cref="ConvNet"/> compute in float32.</param>
    /// <returns>[N,d].</returns>
    public Tensor Embed(Tensor images, long group = 0, TargetPrecision precision = TargetPrecision.Full)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        foreach (var batch in images.split(DependsOnBatch ? (group == 0 ? images.shape[0] : group) : ImagesAtATime(images.is_cuda)))
        {
            using var part = NewDisposeScope();
            parts.Add(Constant(batch, precision).MoveToOuterDisposeScope());
        }
        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>A pass whose features can be differentiated in the images or in the weights, the fastest that there is for this network and these images.</summary>
    /// <param name="images">[N,channels,H,W], normalised; a constant for the pass.</param>
    /// <param name="group">Images that belong together, where an image's features depend on its batch (<see cref="DependsOnBatch"/>); 0 for all.</param>
    public FeaturePass Pass(Tensor images, long group = 0) => DependsOnBatch && group > 0 ? PassInParts.Of(images, group, PassTogether) : PassTogether(images);

    /// <summary>Replaces the weights.</summary>
    /// <param name="weights">Tensors under the names of <see cref="Weights"/> after <paramref name="prefix"/>.</param>
    /// <param name="prefix">What stands before the names.</param>
    /// <exception cref="DataSetException">A weight is missing or has another shape.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> weights, string prefix = "")
    {
        using var noGradient = no_grad();
        foreach (var (name, parameter) in _weights)
        {
            if (!weights.TryGetValue(prefix + name, out var weight))
                throw new DataSetException($"the weights lack {prefix + name}");
            if (!weight.shape.SequenceEqual(parameter.shape))
                throw new DataSetException($"{prefix + name} is [{string.Join(',', weight.shape)}], expected [{string.Join(',', parameter.shape)}]");
            parameter.copy_(weight);
        }
    }

    /// <summary>Releases the weights.</summary>
    public virtual void Dispose()
    {
        foreach (var weight in _weights.Values)
            weight.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A pass of images in one batch.</summary>
    /// <param name="images">[N,channels,H,W], normalised; a constant for the pass.</param>
    protected virtual FeaturePass PassTogether(Tensor images) => AutogradPass.Of(this, images);

    /// <summary>Images that go together through a forward without gradient, on a GPU or on the CPU.</summary>
    protected internal virtual int ImagesAtATime(bool gpu) => gpu ? 4096 : 64;

    /// <summary>The features of a few images without a gradient.</summary>
    /// <param name="images">[N,channels,H,W], normalised.</param>
    /// <param name="precision">In what the convolutions compute.</param>
    /// <returns>[N,d].</returns>
    protected virtual Tensor Constant(Tensor images, TargetPrecision precision) => Features(images);

    /// <summary>Adds a weight; it outlives the dispose scope in which the network is made.</summary>
    protected Parameter Add(string name, Tensor value, bool trainable)
    {
        var parameter = new Parameter(value, trainable);
        parameter.DetachFromDisposeScope();
        return _weights[name] = parameter;
    }

    /// <summary>PyTorch's default initialisation of a convolution or linear layer, U(−1/√fan-in, 1/√fan-in), drawn on the CPU so that every device has the same.</summary>
    protected static Tensor Uniform(long[] shape, long fanIn, Generator generator, Device device)
    {
        using var scope = NewDisposeScope();
        var bound = 1 / Math.Sqrt(fanIn);
        return ((rand(shape, generator: generator) * 2 - 1) * bound).to(device).MoveToOuterDisposeScope();
    }
}
