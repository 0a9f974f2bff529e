namespace DIDD.Networks;

/// <summary>A pass through any network on any device, by automatic differentiation.</summary>
internal sealed class AutogradPass : FeaturePass
{
    private readonly Tensor _images, _features;

    private AutogradPass(Tensor images, Tensor features)
        : base(features.detach()) => (_images, _features) = (images, features);

    public static AutogradPass Of(Network network, Tensor images)
    {
        using var gradient = enable_grad();
        var start = images.detach().requires_grad_();
        return new AutogradPass(start, network.Features(start));
    }

    public override Tensor ToImages(Tensor gradients) =>
        stack([.. gradients.unbind(0).Select(gradient => autograd.grad([_features], [_images], [gradient], retain_graph: true)[0])]);

    public override void ToWeights(Tensor gradient) => _features.backward([gradient]);
}
