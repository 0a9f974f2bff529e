using DIDD.Data;
using DIDD.Verification;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>The verification against cases that nobody has seen before: other seeds, sizes and settings, from this project's own oracles.</summary>
public class FreshCaseTests
{
    [Fact]
    public void CasesOfOtherSeedsSizesAndSettings_Pass()
    {
        var folder = Directory.CreateTempSubdirectory("didd-cases-");
        try
        {
            foreach (var seed in (int[])[1, 2])
            {
                using var scope = NewDisposeScope();
                using var cases = new FreshCases(seed, folder.FullName);
                cases.Write();
            }
            var results = folder.GetFiles("*.safetensors").Select(file => new ReferenceCases().Verify(file.FullName)).ToList();
            Assert.Equal(2 * 22, results.Count);
            Assert.All(results, result => Assert.True(result.Passed, $"{result.Name}: {result.Problem ?? $"largest error {result.Error:E2}, tolerance {result.Tolerance:E0}"}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void CaseWithAWrongNumber_Fails()
    {
        var folder = Directory.CreateTempSubdirectory("didd-cases-");
        try
        {
            using var scope = NewDisposeScope();
            using var cases = new FreshCases(7, folder.FullName);
            cases.Write();
            foreach (var file in folder.GetFiles("*.safetensors"))
            {
                using var original = Safetensors.Read(file.FullName);
                var wrong = original.Tensors.ToDictionary(
                    tensor => tensor.Key,
                    tensor => !tensor.Key.StartsWith("out.", StringComparison.Ordinal) ? tensor.Value : tensor.Value.is_floating_point() ? tensor.Value + 0.01 : tensor.Value + 1);
                Safetensors.Write(file.FullName, wrong, original.Metadata);
                Assert.False(new ReferenceCases().Verify(file.FullName).Passed, file.Name);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
