namespace DIDD.Networks;

/// <summary>A pass through any network on any device, by automatic differentiation.</summary>
internal sealed class AutogradPass(Tensor images, Tensor features) : FeaturePass(features.detach())
{
    public static AutogradPass Of(Network network, Tensor constant)
    {
        using var gradient = enable_grad();
        var start = constant.detach().requires_grad_();
        return new AutogradPass(start, network.Features(start));
    }

    public override Tensor ToImages(Tensor gradients) =>
        stack([.. gradients.unbind(0).Select(gradient => autograd.grad([features], [images], [gradient], retain_graph: true)[0])]);

    public override void ToWeights(Tensor gradient) => features.backward([gradient]);
}
