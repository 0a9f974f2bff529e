using DIDD.Data;

namespace DIDD.Networks;

/// <summary>Creates a network with PyTorch's default initialisation.</summary>
/// <param name="settings">Width, depth and norm, as far as the architecture has them.</param>
/// <param name="shape">Shape of the images.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="generator">Source of the weights (CPU).</param>
/// <param name="device">Where the network lives.</param>
/// <param name="trainable">Whether the weights take gradients.</param>
public delegate Network CreateNetwork(ConvNetSettings settings, ImageShape shape, int classes, Generator generator, Device device, bool trainable);

/// <summary>What is known of a network before it is made. A set that is good for the network that made it shall be good for others too.</summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="Create">Creates it.</param>
public sealed record ArchitectureEntry(string Name, CreateNetwork Create) : Entry<ArchitectureEntry>(Name)
{
    /// <summary>Why it cannot be made with these settings for images of this shape, such as "resnet18 has instance or batch" after the setting's name; null where it can.</summary>
    public Func<ConvNetSettings, ImageShape, string?> Refuses { get; init; } = (_, _) => null;
}
