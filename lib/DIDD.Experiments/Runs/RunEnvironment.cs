using System.Reflection;
using System.Runtime.InteropServices;

namespace DIDD.Experiments;

/// <summary>Where and with what a run was computed.</summary>
/// <param name="Commit">Version and commit of the library.</param>
/// <param name="System">Operating system.</param>
/// <param name="Processor">Processor.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Threads">Threads of libtorch.</param>
/// <param name="DotNet">Version of .NET.</param>
/// <param name="TorchSharp">Version of TorchSharp.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Date">Day of the run's end, UTC, yyyy-MM-dd.</param>
/// <param name="Seconds">Wall-clock seconds of distillation and evaluation.</param>
/// <param name="Tf32">Whether products and convolutions were taken in TF32; only CUDA can.</param>
/// <param name="Shards">Of a run that was merged: where its shards were computed, in the order of their classes; its seconds are then the slowest shard's and the merge's own. Of one with the sets of another run, that one's. Else null.</param>
public sealed record RunEnvironment(
    string Commit, string System, string Processor, string Device, int Threads, string DotNet, string TorchSharp, string Libtorch, string Date, double Seconds, bool Tf32 = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RunEnvironment>? Shards = null)
{
    /// <summary>The present environment.</summary>
    public static RunEnvironment Current(Device device, double seconds) => new(
        Version(typeof(RunEnvironment).Assembly), RuntimeInformation.OSDescription, ComputeDevice.ProcessorName(),
        device.type == DeviceType.CUDA ? "cuda" : "cpu", get_num_threads(), RuntimeInformation.FrameworkDescription, Version(typeof(torch).Assembly),
        __version__, DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Math.Round(seconds, 1),
        device.type == DeviceType.CUDA && backends.cuda.matmul.allow_tf32);

    private static string Version(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
