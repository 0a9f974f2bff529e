using System.Globalization;

namespace DIDD.Tests;

/// <summary>Memory of this process in bytes, as Linux counts it; 0 elsewhere.</summary>
internal static class ProcessMemory
{
    /// <summary>Lets the peak begin anew; returns what is in use now.</summary>
    public static long ResetPeak()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS");
    }

    /// <summary>The most that was in use since <see cref="ResetPeak"/>.</summary>
    public static long Peak() => Status("VmHWM");

    private static long Status(string key) => !OperatingSystem.IsLinux() ? 0 : 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
}
