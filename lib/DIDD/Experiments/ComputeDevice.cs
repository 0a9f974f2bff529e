using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>Chooses the device of a run.</summary>
public static class ComputeDevice
{
    /// <summary>The device by name.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c>, or <c>auto</c>: CUDA where there is one.</param>
    /// <exception cref="SpecException">The name is not known, or there is no such device.</exception>
    public static Device Open(string name) => name switch
    {
        "cpu" => CPU,
        "auto" => cuda.is_available() ? CUDA : CPU,
        "cuda" => cuda.is_available() ? CUDA : throw new SpecException("device=cuda: libtorch sees no CUDA device; build with -p:Torch=cuda on a machine that has one, or use --device cpu"),
        _ => throw new SpecException($"device={name}: not known; choose one of auto, cpu, cuda"),
    };

    /// <summary>The processor's name as the system gives it.</summary>
    public static string ProcessorName()
    {
        const string information = "/proc/cpuinfo";
        var line = File.Exists(information) ? File.ReadLines(information).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
