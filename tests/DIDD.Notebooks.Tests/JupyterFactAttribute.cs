using System.Runtime.CompilerServices;

namespace DIDD.Notebooks.Tests;

/// <summary>A test that needs Debian's Jupyter, and where it says so Chromium: skipped where they are not, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class JupyterFactAttribute : FactAttribute
{
    public JupyterFactAttribute(bool browser = false, [CallerMemberName] string test = "")
    {
        if ((browser ? JupyterNeeds.MissingWithBrowser : JupyterNeeds.Missing) is not { } missing)
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
    private const string Packages = "jupyter-nbconvert jupyter-notebook python3-nbclient python3-jupyter-kernel-test", Browser = "chromium";

    private static readonly string[] Files = ["nbconvert", "notebook", "nbclient", "jupyter_kernel_test"];

    /// <summary>What to do where Jupyter is missing; null where all is there.</summary>
    public static string? Missing { get; } = !OperatingSystem.IsLinux() ? "needs Linux"
        : Files.All(file => Directory.Exists($"/usr/lib/python3/dist-packages/{file}")) ? null
        : $"needs Jupyter: apt-get install {Packages}";

    /// <summary>What to do where Jupyter or the browser is missing.</summary>
    public static string? MissingWithBrowser { get; } = Missing ?? (File.Exists($"/usr/bin/{Browser}") ? null : $"needs Chromium: apt-get install {Browser}");
}
