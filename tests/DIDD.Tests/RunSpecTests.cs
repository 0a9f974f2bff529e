using DIDD.Experiments;

namespace DIDD.Tests;

public class RunSpecTests
{
    [Theory]
    [InlineData("smoke")]
    [InlineData("laptop")]
    [InlineData("paper")]
    public void Profile_IsValidAndSurvivesJson(string profile)
    {
        var spec = Profiles.Spec(profile, ipc: 10);
        Assert.Equal(spec, RunSpec.FromJson(spec.ToJson(), "test"));
        Assert.Equal(spec.Hash, RunSpec.FromJson(spec.ToJson(), "test").Hash);
    }

    [Fact]
    public void PaperProfile_HasThePapersConstants()
    {
        var spec = Profiles.Spec("paper", ipc: 20);
        Assert.Equal((20, 3000, 20, 128, 128, 2), (spec.Domains, spec.Distillation.Iterations, spec.Distillation.LearningRate, spec.Distillation.RealImages, spec.Distillation.Network.Width, spec.Distillation.Factor));
        Assert.Equal((1500, 0.01, 128), (spec.Evaluation.Epochs, spec.Evaluation.LearningRate, spec.Evaluation.Network.Width));
    }

    [Theory]
    [InlineData("ipc", "0", "ipc=0")]
    [InlineData("distillation.learningRate", "-1", "positive")]
    [InlineData("distillation.realImages", "6000", "5421")]
    [InlineData("ipc", "2000", "5421")]
    [InlineData("rule", "forget", "finetune")]
    [InlineData("distillation.augmentation", "color_blur", "blur")]
    [InlineData("distillation.momentum", "1", "between")]
    [InlineData("asymmetric.alphaHigh", "-1", "alphaLow")]
    [InlineData("evaluation.protocol", "fair", "not a value")]
    [InlineData("evaluation.architecture", "vgg", "resnet18")]
    [InlineData("distillation.iterations", "many", "number")]
    [InlineData("distillation.iterations", "1.5", "not a value")]
    [InlineData("distillation.network.norm", "middle", "not a value")]
    [InlineData("distillation.speed", "1", "unknown setting")]
    [InlineData("distillation", "1", "unknown setting")]
    public void ImpossibleSetting_IsRefusedWithItsName(string key, string value, string part)
    {
        var error = Assert.Throws<SpecException>(() => Profiles.Spec("smoke").With(key, value).Validate());
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void SettingsThatDoNotGoTogether_AreRefused()
    {
        var residual = Profiles.Spec("smoke").With("evaluation.architecture", "resnet18");
        residual.With("evaluation.network.norm", "batch").Validate();
        Assert.Contains("norm=group", Assert.Throws<SpecException>(residual.With("evaluation.network.norm", "group").Validate).Message, StringComparison.Ordinal);
        var official = Profiles.Spec("smoke").With("evaluation.protocol", "official").With("evaluation.epochs", "2");
        Assert.Contains("at least 3", Assert.Throws<SpecException>(official.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_TakeNumbersWordsAndTruthValues()
    {
        var spec = Profiles.Spec("smoke").With("distillation.network.norm", "batch").With("asymmetric.perTile", "false").With("distillation.learningRate", "0.5");
        spec.Validate();
        Assert.Equal((Networks.Norm.Batch, false, 0.5), (spec.Distillation.Network.Norm, spec.Asymmetric.PerTile, spec.Distillation.LearningRate));
    }
}
