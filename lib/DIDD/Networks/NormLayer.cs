namespace DIDD.Networks;

/// <summary>One normalisation layer: scale and shift 1 and 0 at the start, and the running statistics of a batch norm.</summary>
internal sealed class NormLayer : IDisposable
{
    public const int Groups = 4;
    private const double Epsilon = 1e-5;

    private readonly Norm _norm;
    private readonly int _channels;
    private readonly Tensor? _runningMean, _runningVariance;

    /// <summary>Creates the layer, whose weights <c>weight</c> and <c>bias</c> are the network's; only the layer norm reads height and width.</summary>
    public NormLayer(Norm norm, int channels, int height, int width, Device device, Func<string, Tensor, Parameter> add)
    {
        (_norm, _channels) = (norm, channels);
        if (norm == Norm.None)
            return;
        long[] affine = norm == Norm.Layer ? [channels, height, width] : [channels];
        Scale = add("weight", ones(affine, device: device));
        Shift = add("bias", zeros(affine, device: device));
        if (norm == Norm.Batch)
            (_runningMean, _runningVariance) = (zeros(channels, device: device).DetachFromDisposeScope(), ones(channels, device: device).DetachFromDisposeScope());
    }

    public Parameter? Scale { get; }

    public Parameter? Shift { get; }

    /// <summary>Normalises [N,channels,H,W]; in training a batch norm takes the batch's statistics and follows them, else its running ones.</summary>
    public Tensor Apply(Tensor x, bool training) => _norm switch
    {
        Norm.Instance => F.group_norm(x, _channels, Scale, Shift, Epsilon),
        Norm.Group => F.group_norm(x, Groups, Scale, Shift, Epsilon),
        Norm.Layer => F.layer_norm(x, Scale!.shape, Scale, Shift, Epsilon),
        Norm.Batch => F.batch_norm(x, _runningMean!, _runningVariance!, Scale, Shift, training, eps: Epsilon),
        _ => x,
    };

    public void Dispose()
    {
        _runningMean?.Dispose();
        _runningVariance?.Dispose();
    }
}
