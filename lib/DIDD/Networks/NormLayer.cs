using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Networks;

/// <summary>One normalisation layer: scale and shift 1 and 0 at the start, and the running statistics of a batch norm.</summary>
internal sealed class NormLayer : IDisposable
{
    /// <summary>Groups of the group norm.</summary>
    public const int Groups = 4;
    private const double Epsilon = 1e-5;

    private readonly Norm _norm;
    private readonly int _channels;
    private readonly Parameter? _scale;
    private readonly Parameter? _shift;
    private readonly Tensor? _runningMean;
    private readonly Tensor? _runningVariance;

    /// <summary>Creates the layer.</summary>
    /// <param name="norm">Its kind.</param>
    /// <param name="channels">Channels of its input.</param>
    /// <param name="height">Height of its input; only the layer norm reads it.</param>
    /// <param name="width">Width likewise.</param>
    /// <param name="device">Where it lives.</param>
    /// <param name="add">Adds a weight, <c>weight</c> and <c>bias</c>, to the network.</param>
    public NormLayer(Norm norm, int channels, int height, int width, Device device, Func<string, Tensor, Parameter> add)
    {
        (_norm, _channels) = (norm, channels);
        if (norm == Norm.None)
            return;
        long[] affine = norm == Norm.Layer ? [channels, height, width] : [channels];
        _scale = add("weight", ones(affine, device: device));
        _shift = add("bias", zeros(affine, device: device));
        if (norm == Norm.Batch)
            (_runningMean, _runningVariance) = (zeros(channels, device: device).DetachFromDisposeScope(), ones(channels, device: device).DetachFromDisposeScope());
    }

    /// <summary>The scale; null for <see cref="Norm.None"/>.</summary>
    public Parameter? Scale => _scale;

    /// <summary>The shift; null likewise.</summary>
    public Parameter? Shift => _shift;

    /// <summary>Normalises.</summary>
    /// <param name="x">[N,channels,H,W].</param>
    /// <param name="training">Whether a batch norm takes the batch's statistics and follows them, or its running ones.</param>
    public Tensor Apply(Tensor x, bool training) => _norm switch
    {
        Norm.Instance => F.group_norm(x, _channels, _scale, _shift, Epsilon),
        Norm.Group => F.group_norm(x, Groups, _scale, _shift, Epsilon),
        Norm.Layer => F.layer_norm(x, _scale!.shape, _scale, _shift, Epsilon),
        Norm.Batch => F.batch_norm(x, _runningMean!, _runningVariance!, _scale, _shift, training, eps: Epsilon),
        _ => x,
    };

    public void Dispose()
    {
        _runningMean?.Dispose();
        _runningVariance?.Dispose();
    }
}
