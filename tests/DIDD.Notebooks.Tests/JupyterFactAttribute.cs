using System.Runtime.CompilerServices;

namespace DIDD.Notebooks.Tests;

/// <summary>A test that needs Debian's Jupyter and Chromium: skipped where they are not, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class JupyterFactAttribute : FactAttribute
{
    public JupyterFactAttribute([CallerMemberName] string test = "")
    {
        if (JupyterNeeds.Missing is not { } missing)
            return;
        Skip = missing;
        DisplayName = $"{test}: {Skip}";
    }
}

/// <summary>Such a test with several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class JupyterTheoryAttribute : TheoryAttribute
{
    public JupyterTheoryAttribute([CallerMemberName] string test = "")
    {
        if (JupyterNeeds.Missing is not { } missing)
            return;
        Skip = missing;
        DisplayName = $"{test}: {Skip}";
    }
}

internal static class JupyterNeeds
{
    /// <summary>Debian's packages, as <c>apt-get install</c> takes them.</summary>
    private const string Packages = "jupyter-nbconvert jupyter-notebook python3-nbclient python3-jupyter-kernel-test chromium";

    private static readonly string[] Files = ["nbconvert", "notebook", "nbclient", "jupyter_kernel_test"];

    /// <summary>What to do where something is missing; null where all is there.</summary>
    public static string? Missing { get; } = !OperatingSystem.IsLinux() ? "needs Linux"
        : Files.All(file => Directory.Exists($"/usr/lib/python3/dist-packages/{file}")) && File.Exists("/usr/bin/chromium") ? null
        : $"needs Jupyter and Chromium: apt-get install {Packages}";
}
