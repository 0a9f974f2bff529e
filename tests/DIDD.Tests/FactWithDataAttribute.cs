using DIDD.Data;

namespace DIDD.Tests;

/// <summary>A test on data that the repository does not hold: skipped, with the reason, where DIDD_DATA does not lead to them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithDataAttribute : FactAttribute
{
    public FactWithDataAttribute(string folder)
    {
        if (Folder(folder) is null)
            Skip = $"needs {folder} in the folder that {DataFolder.Variable} names (see data/README.md)";
    }


    public static string? Folder(string folder)
    {
        var root = Environment.GetEnvironmentVariable(DataFolder.Variable);
        return root is not null && Directory.Exists(Path.Combine(root, folder)) ? Path.Combine(root, folder) : null;
    }
}
