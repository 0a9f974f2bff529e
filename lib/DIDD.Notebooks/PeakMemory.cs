using System.Diagnostics;

namespace DIDD.Notebooks;

/// <summary>The largest resident memory that a process has had.</summary>
internal static class PeakMemory
{
    /// <summary>In bytes; on Linux the kernel's high-water mark. 0 for a process that is gone.</summary>
    public static long Of(Process process)
    {
        try
        {
            process.Refresh();
            return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }
}
