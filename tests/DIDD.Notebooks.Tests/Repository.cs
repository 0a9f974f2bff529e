namespace DIDD.Notebooks.Tests;

/// <summary>The repository around the tests.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DIDD.Notebooks.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run inside the repository");
        return folder.FullName;
    }
}
