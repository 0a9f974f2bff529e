using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DIDD.Notebooks.Jupyter;

/// <summary>Ends this process when the one that started it is gone: a kernel whose client was killed serves nobody.</summary>
internal static partial class ParentProcess
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Looks from now on. On Windows the client itself ends its kernels.</summary>
    public static void EndWithIt()
    {
        if (OperatingSystem.IsWindows())
            return;
        var parent = GetParent();
        new Thread(() =>
        {
            // Orphans are given another parent at once.
            while (GetParent() == parent)
                Thread.Sleep(Interval);
            Process.GetCurrentProcess().Kill();
        })
        { IsBackground = true }.Start();
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
