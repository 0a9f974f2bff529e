using System.Runtime.CompilerServices;
using DIDD.Data;

namespace DIDD.Tests;

/// <summary>A test on data that the repository does not hold: skipped where DIDD_DATA does not lead to them, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithDataAttribute : FactAttribute
{
    public FactWithDataAttribute(string folder, [CallerMemberName] string test = "")
    {
        if (Folder(folder) is not null)
            return;
        Skip = $"needs {folder} in the folder that {DataFolder.Variable} names (see data/README.md)";
        DisplayName = $"{test}: {Skip}";
    }

    public static string? Folder(string folder)
    {
        var root = Environment.GetEnvironmentVariable(DataFolder.Variable);
        return root is not null && Directory.Exists(Path.Combine(root, folder)) ? Path.Combine(root, folder) : null;
    }
}
