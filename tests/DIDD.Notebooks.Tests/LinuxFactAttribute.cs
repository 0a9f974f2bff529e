using System.Runtime.CompilerServices;

namespace DIDD.Notebooks.Tests;

/// <summary>A test that needs Linux: skipped elsewhere, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute([CallerMemberName] string test = "")
    {
        if (OperatingSystem.IsLinux())
            return;
        Skip = "needs Linux, for signals and GNU env";
        DisplayName = $"{test}: {Skip}";
    }
}
