using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>The data sets by the names that the command line and specs use.</summary>
public static class Streams
{
    private const int SmallestMnistClass = 5421;

    /// <summary>Name → how to open the stream of a spec: spec, folder of data sets or null, device or null.</summary>
    public static IReadOnlyDictionary<string, Func<RunSpec, string?, Device?, DomainStream>> ByName { get; } = new Dictionary<string, Func<RunSpec, string?, Device?, DomainStream>>
    {
        ["r-mnist"] = (spec, root, device) => new RotatedMnist(Mnist.Load(DataFolder.Find("mnist", root)), spec.Domains, new Randomness(spec.Seed), device),
    };

    /// <summary>Opens the stream of a spec.</summary>
    /// <param name="spec">A valid spec.</param>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    /// <param name="device">Where the images shall live; the CPU by default.</param>
    /// <exception cref="DataSetException">The data are missing or damaged.</exception>
    public static DomainStream Open(RunSpec spec, string? root = null, Device? device = null) => ByName[spec.Dataset](spec, root, device);

    // What can be known of a spec against its data without reading them: MNIST's smallest class is the digit 5.
    internal static void Validate(RunSpec spec)
    {
        var needed = Math.Max(spec.Distillation.RealImages, spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor);
        if (spec.Dataset == "r-mnist" && needed > SmallestMnistClass)
            throw new SpecException(spec.Distillation.RealImages == needed
                ? $"distillation.realImages={needed}: {spec.Dataset} has {SmallestMnistClass} training images in its smallest class"
                : $"ipc={spec.Ipc}: the start needs {needed} real images a class, but {spec.Dataset} has {SmallestMnistClass} in its smallest class");
    }
}
