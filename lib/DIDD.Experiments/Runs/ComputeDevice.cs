using System.Runtime.InteropServices;

namespace DIDD.Experiments;

/// <summary>Chooses the device of a run.</summary>
public static class ComputeDevice
{
    /// <summary>The device by name, and how it multiplies. libtorch would convolve in TF32 on CUDA by default; here it does so only where that is asked for.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c>, or <c>auto</c>: CUDA where there is one.</param>
    /// <param name="tf32">Whether CUDA takes matrix products and convolutions in TF32, with 10 bits of mantissa instead of 23; holds for the whole process.</param>
    /// <exception cref="SpecException">The name is not known, there is no such device, or TF32 is asked for where it is not.</exception>
    public static Device Open(string name, bool tf32 = false)
    {
        var device = Find(name);
        if (device.type == TorchSharp.DeviceType.CUDA)
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (tf32, tf32);
        else if (tf32)
            throw new SpecException($"device={name}: only CUDA computes in TF32, and this is the CPU; leave --tf32 out");
        return device;
    }

    /// <summary>Sets the threads of libtorch, for the whole process; before its first operation.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="SpecException">Fewer than 1, or more than four times the processors.</exception>
    public static void UseThreads(int count)
    {
        CheckThreads(count);
        set_num_threads(count);
    }

    /// <summary>Refuses a number of threads that libtorch shall not have here.</summary>
    /// <exception cref="SpecException">Fewer than 1, or more than four times the processors.</exception>
    public static void CheckThreads(int count)
    {
        var most = 4 * Environment.ProcessorCount;
        if (count < 1 || count > most)
            throw new SpecException($"--threads {count}: must be between 1 and {most} here");
    }

    /// <summary>The processor's name as the system gives it.</summary>
    public static string ProcessorName()
    {
        const string information = "/proc/cpuinfo";
        var line = File.Exists(information) ? File.ReadLines(information).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static Device Find(string name) => name switch
    {
        "cpu" => CPU,
        "auto" => cuda.is_available() ? CUDA : CPU,
        "cuda" => cuda.is_available() ? CUDA : throw new SpecException("device=cuda: libtorch sees no CUDA device; build with -p:Torch=cuda on a machine that has one, or use --device cpu"),
        _ => throw new SpecException($"device={name}: not known; choose one of auto, cpu, cuda"),
    };
}
