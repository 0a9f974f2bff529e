using Microsoft.Win32.SafeHandles;

namespace DIDD.Notebooks.Jupyter;

/// <summary>
/// Ends this process when the one that started it is gone: a kernel whose client was killed serves nobody. Jupyter's clients say who they are in the
/// variable <c>JPY_PARENT_PID</c>: on Windows a handle of their process, elsewhere its number.
/// </summary>
internal static partial class ParentProcess
{
    private const string Variable = "JPY_PARENT_PID";

    // ESRCH.
    private const int NoSuchProcess = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Looks from now on. On Windows, where a parent's end does not show, only clients that name themselves are looked at.</summary>
    public static void EndWithIt()
    {
        var named = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if (!OperatingSystem.IsWindows())
            new Thread(() => EndAfterParent(named)) { IsBackground = true }.Start();
        else if (named != 0 && GetProcessId(named) != 0)
            new Thread(() => EndAfterProcess(named)) { IsBackground = true }.Start();
    }

    private static void EndAfterParent(int client)
    {
        var parent = GetParent();
        // A client that was killed before this line had its kernel given to another parent already; afterwards that happens at once.
        while (GetParent() == parent && (client is 0 || client == parent || Exists(client)))
            Thread.Sleep(Interval);
        End();
    }

    private static void EndAfterProcess(nint handle)
    {
        using var client = new ManualResetEvent(false) { SafeWaitHandle = new SafeWaitHandle(handle, ownsHandle: true) };
        client.WaitOne();
        End();
    }

    private static void End() => Process.GetCurrentProcess().Kill();

    private static bool Exists(int process) => Signal(process, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);

    [LibraryImport("kernel32", EntryPoint = "GetProcessId")]
    private static partial uint GetProcessId(nint process);
}
