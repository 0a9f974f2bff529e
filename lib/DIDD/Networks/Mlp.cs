using DIDD.Data;

namespace DIDD.Networks;

/// <summary>A multi-layer perceptron: two hidden layers with ReLU on the flattened pixels. Features are the output of the second.</summary>
internal sealed class Mlp : Network
{
    public static ArchitectureEntry Entry { get; } = new("mlp", (settings, shape, classes, generator, device, trainable) => new Mlp(settings.Width, shape, classes, generator, device, trainable)) { Row = 2 };

    public Mlp(int width, ImageShape shape, int classes, Generator generator, Device device, bool trainable)
    {
        void Linear(string name, long from, long to)
        {
            Add($"{name}.weight", Uniform([to, from], from, generator, device), trainable);
            Add($"{name}.bias", Uniform([to], from, generator, device), trainable);
        }

        Linear("hidden.0", (long)shape.Channels * shape.Height * shape.Width, width);
        Linear("hidden.1", width, width);
        Linear("classifier", width, classes);
    }

    public override Tensor Features(Tensor images)
    {
        var first = F.relu(F.linear(images.flatten(1), Weights["hidden.0.weight"], Weights["hidden.0.bias"]));
        return F.relu(F.linear(first, Weights["hidden.1.weight"], Weights["hidden.1.bias"]));
    }
}
