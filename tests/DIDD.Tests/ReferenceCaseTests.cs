using DIDD.Verification;

namespace DIDD.Tests;

public class ReferenceCaseTests
{
    private const string PicturesCase = "resize-pacs";

    public static TheoryData<string> Cases => [.. Directory.GetFiles(TestFolder.Reference, "*.safetensors")
        .Select(path => Path.GetFileNameWithoutExtension(path)!).Where(name => name != PicturesCase).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_AgreesWithTheAuthorsCode(string name) => AssertAgrees(name, null);

    [FactWithData("pacs-sample/images")]
    public void Resize_AgreesWithPillowOnPhotographs() => AssertAgrees(PicturesCase, FactWithDataAttribute.Folder("pacs-sample/images"));

    private static void AssertAgrees(string name, string? images)
    {
        var result = new ReferenceCases(images: images).Verify(Path.Combine(TestFolder.Reference, name + ".safetensors"));
        Assert.True(result.Passed, $"{name}: {result.Problem ?? $"largest error {result.Error:E2}, tolerance {result.Tolerance:E0}"}");
    }
}
