using DIDD.Verification;

namespace DIDD.Tests;

public class ReferenceCaseTests
{
    public static TheoryData<string> Cases => [.. Directory.GetFiles(TestFolder.Reference, "*.safetensors").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_AgreesWithTheAuthorsCode(string name)
    {
        var result = new ReferenceCases().Verify(Path.Combine(TestFolder.Reference, name + ".safetensors"));
        Assert.True(result.Passed, $"{name}: {result.Problem ?? $"largest error {result.Error:E2}, tolerance {result.Tolerance:E0}"}");
    }
}
