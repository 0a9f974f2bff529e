using System.Runtime.CompilerServices;

namespace DIDD.Notebooks.Tests;

/// <summary>A test that needs Chromium or Chrome: skipped where there is none, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithBrowserAttribute : FactAttribute
{
    public FactWithBrowserAttribute([CallerMemberName] string test = "")
    {
        if (FigurePictures.Browser() is not null)
            return;
        Skip = $"no Chromium or Chrome on the search path, nor in {FigurePictures.BrowserVariable}";
        DisplayName = $"{test}: {Skip}";
    }
}
