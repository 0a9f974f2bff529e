using DIDD.Data;

namespace DIDD.Tests;

/// <summary>Folders of the repository that tests read.</summary>
internal static class TestFolder
{
    public static string Repository { get; } = DataFolder.Repository() ?? throw new InvalidOperationException("the tests run inside the repository");

    public static string Reference { get; } = Path.Combine(Repository, "tests", "DIDD.Tests", "Reference");
}
