using DIDD.Experiments;

namespace DIDD.Tests.Figures;

/// <summary>The moving picture of README: made anew by this test with <see cref="UpdateVariable"/> set to 1, and stale where the recorded runs are other ones.</summary>
public sealed class PictureTests
{
    private const string UpdateVariable = "DIDD_UPDATE_PICTURES";

    [Fact]
    public void MovingPicture_ShowsTheRecordedRuns()
    {
        var path = Path.GetFullPath("../../notebooks/pictures/sets.png", RunStore.RecordedFolder);
        var third = Profiles.Spec("laptop", rule: "consolidated");
        var specs = new[] { "finetune", "stable", "asymmetric" }.Select(rule => Profiles.Spec("laptop", rule: rule)).Append(third with { Distillation = third.Distillation with { Factor = 3 } });
        var picture = MovingPicture.Of([.. specs.Select(spec => RunStore.Find(spec)!)]);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
            File.WriteAllBytes(path, picture);
        Assert.True(File.Exists(path), $"there is no {path}; run this test with {UpdateVariable}=1");
        Assert.Equal(AnimatedPng.Source(picture), AnimatedPng.Source(File.ReadAllBytes(path)));
    }
}
