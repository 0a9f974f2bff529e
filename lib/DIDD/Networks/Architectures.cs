using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Networks;

/// <summary>Creates a network with PyTorch's default initialisation.</summary>
/// <param name="settings">Width, depth and norm, as far as the architecture has them.</param>
/// <param name="shape">Shape of the images.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="generator">Source of the weights (CPU).</param>
/// <param name="device">Where the network lives.</param>
/// <param name="trainable">Whether the weights take gradients.</param>
public delegate Network CreateNetwork(ConvNetSettings settings, ImageShape shape, int classes, Generator generator, Device device, bool trainable);

/// <summary>The networks by the names that specs use. A set that is good for the network that made it shall be good for others too.</summary>
public static class Architectures
{
    internal const string ConvNet = "convnet";

    /// <summary>Name → how to create the network. The ResNet-18 takes the norm of the settings, the MLP their width.</summary>
    public static IReadOnlyDictionary<string, CreateNetwork> ByName { get; } = new Dictionary<string, CreateNetwork>
    {
        [ConvNet] = (settings, shape, classes, generator, device, trainable) => new ConvNet(settings, shape, classes, generator, device, trainable),
        ["resnet18"] = (settings, shape, classes, generator, device, trainable) => new ResNet18(settings.Norm, shape, classes, generator, device, trainable),
        ["mlp"] = (settings, shape, classes, generator, device, trainable) => new Mlp(settings.Width, shape, classes, generator, device, trainable),
    };
}
