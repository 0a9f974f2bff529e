using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DIDD;

/// <summary>Settings of the native libraries that must stand before libtorch is loaded.</summary>
internal static partial class NativeRuntime
{
    private const string SpinCount = "GOMP_SPINCOUNT";

    /// <summary>
    /// Lets the threads of libtorch (libgomp) sleep soon instead of spinning while they wait for each other. On an idle machine that costs
    /// nothing measurable; where another program keeps a core busy, spinning makes small operations slower by an order of magnitude.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "libgomp reads its settings once, when it is loaded.")]
    internal static void Initialize()
    {
        if (OperatingSystem.IsLinux())
            _ = SetEnvironmentVariable(SpinCount, "1000", overwrite: 0);
    }

    // Environment.SetEnvironmentVariable changes .NET's copy alone, which native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
