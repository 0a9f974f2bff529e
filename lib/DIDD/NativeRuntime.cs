using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace DIDD;

/// <summary>Settings of the native libraries: before libtorch is loaded, and before it convolves.</summary>
internal static partial class NativeRuntime
{
    private const string SpinCount = "GOMP_SPINCOUNT";

    // Of <malloc.h>.
    private const int TrimThreshold = -1, MapLimit = -4, ArenaLimit = -8;
    private const int KeptBytes = 1 << 30;

    /// <summary>
    /// Keeps the memory that an iteration gives back, up to 1 GiB, for the next: by default it goes back to the system, and every page of it is
    /// faulted in again. Of blocks of more than 64 MiB this holds on the process's first thread alone, the only one whose memory glibc can grow at will. And lets the threads of libtorch (libgomp) sleep soon instead of spinning while they wait for each other. On an idle machine that costs
    /// nothing measurable; where another program keeps a core busy, spinning makes small operations slower by an order of magnitude.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "libgomp reads its settings once, when it is loaded.")]
    internal static void Initialize()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _ = SetEnvironmentVariable(SpinCount, "1000", overwrite: 0);
        try
        {
            _ = SetAllocatorOption(MapLimit, 0) & SetAllocatorOption(TrimThreshold, KeptBytes) & SetAllocatorOption(ArenaLimit, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc: its allocator has no such options.
        }
    }

    /// <summary>
    /// Whether libtorch convolves without oneDNN here. oneDNN lays kernels out by the sizes of the caches; where a virtual machine hides those of an AMD processor, it takes them for
    /// one byte and loses weights (oneDNN 3.7, in libtorch 2.10): wrong results, without an error.
    /// </summary>
    internal static bool LeavesOneDnnOut { get; } = OperatingSystem.IsLinux() && X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == 0x68747541 // "Auth"enticAMD
        && X86Base.CpuId(unchecked((int)0x8000001D), 0).Eax == 0;

    /// <summary>Before the first convolution: convolutions by libtorch's own products of matrices where oneDNN's are wrong.</summary>
    internal static void LeaveOneDnnOut()
    {
        if (!LeavesOneDnnOut)
            return;
        SetUserEnabledMkldnn(GlobalContext(), false);
        // What would be tried next; it does not start there either, and says so at every convolution.
        SetUserEnabledNnpack(GlobalContext(), false);
    }

    // TorchSharp has no such settings: at::globalContext().setUserEnabledMkldnn(false), and so on.
    [LibraryImport("libtorch_cpu.so", EntryPoint = "_ZN2at13globalContextEv")]
    private static partial nint GlobalContext();

    [LibraryImport("libtorch_cpu.so", EntryPoint = "_ZN2at7Context20setUserEnabledMkldnnEb")]
    private static partial void SetUserEnabledMkldnn(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport("libtorch_cpu.so", EntryPoint = "_ZN2at7Context20setUserEnabledNNPACKEb")]
    private static partial void SetUserEnabledNnpack(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    // Environment.SetEnvironmentVariable changes .NET's copy alone, which native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocatorOption(int option, int value);
}
