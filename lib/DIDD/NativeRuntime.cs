using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace DIDD;

/// <summary>Settings of the native libraries that must stand before libtorch is loaded.</summary>
internal static partial class NativeRuntime
{
    private const string SpinCount = "GOMP_SPINCOUNT";

    // Of <malloc.h>. From 32 MiB on, glibc does not take a larger threshold.
    private const int TrimThreshold = -1, MapThreshold = -3, ArenaLimit = -8;
    private const int LargestMapThreshold = 32 << 20, KeptBytes = 1 << 30;

    /// <summary>
    /// Keeps the memory that an iteration gives back, up to 1 GiB, for the next: by default it goes back to the system, and every page of it is
    /// faulted in again. And lets the threads of libtorch (libgomp) sleep soon instead of spinning while they wait for each other. On an idle machine that costs
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
            _ = SetAllocatorOption(MapThreshold, LargestMapThreshold) & SetAllocatorOption(TrimThreshold, KeptBytes) & SetAllocatorOption(ArenaLimit, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc: its allocator has no such options.
        }
    }

    // Environment.SetEnvironmentVariable changes .NET's copy alone, which native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocatorOption(int option, int value);
}
