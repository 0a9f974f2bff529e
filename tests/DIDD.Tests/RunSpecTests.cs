using DIDD.Distillation;
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
    public void UnknownDataSet_IsRefused_NotTakenForAnother() =>
        Assert.StartsWith("dataset=moons: not known; choose one of r-mnist, core50,", Assert.Throws<SpecException>(() => Profiles.Spec("smoke", "moons")).Message, StringComparison.Ordinal);

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
    [InlineData("data.resolution", "48", "choose one of 32, 64")]
    [InlineData("data.imagesPerClass", "-1", "at least 0")]
    [InlineData("data.imagesPerClass", "3", "has 3 training images in its smallest class")]
    [InlineData("data.angles", "0,north", "choose sectors, mammoth, or degrees")]
    [InlineData("data.domains", "1,21", "name each once")]
    [InlineData("data.domains", "2,2", "name each once")]
    [InlineData("data.classes", "3", "at least two classes")]
    [InlineData("data.labels", "pixels", "not a value")]
    [InlineData("ipc", "2000", "5421")]
    [InlineData("rule", "forget", "finetune")]
    [InlineData("distillation.augmentation", "color_blur", "blur")]
    [InlineData("distillation.momentum", "1", "between")]
    [InlineData("asymmetric.alphaHigh", "-1", "alphaHigh")]
    [InlineData("asymmetric.betaHigh", "1e400", "betaHigh")]
    [InlineData("asymmetric.alphaLow", "3", "alphaLow")]
    [InlineData("profile", "mine", "smoke, laptop, paper")]
    [InlineData("distillation.factor", "29", "images of 28×28")]
    [InlineData("distillation.factor", "8", "images of 28×28")]
    [InlineData("distillation.network.depth", "6", "allow 5 blocks")]
    [InlineData("evaluation.network.depth", "6", "allow 5 blocks")]
    [InlineData("herding.candidates", "-1", "candidates")]
    [InlineData("gradientMatching.outerLoops", "0", "outerLoops")]
    [InlineData("gradientMatching.learningRate", "0", "positive")]
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

    [Theory]
    [InlineData("r-mnist", 0, 5)]
    [InlineData("r-mnist", 64, 6)]
    [InlineData("emoji-styles", 32, 5)]
    [InlineData("emoji-sessions", 96, 6)]
    public void LargestDepth_IsThatOfTheNetwork(string dataset, int resolution, int depth)
    {
        var spec = Profiles.Spec("smoke", dataset).With("data.resolution", $"{resolution}");
        spec.With("distillation.network.depth", $"{depth}").Validate();
        Assert.Throws<SpecException>(() => spec.With("distillation.network.depth", $"{depth + 1}").Validate());
        var shape = Streams.Shape(spec);
        Assert.Equal(depth, Networks.ConvNet.LargestDepth(shape));
        using var network = new Networks.ConvNet(new Networks.ConvNetSettings(4, depth), shape, 2, new TorchSharp.torch.Generator(0));
        Assert.Throws<ArgumentException>(() => new Networks.ConvNet(new Networks.ConvNetSettings(4, depth + 1), shape, 2, new TorchSharp.torch.Generator(0)));
    }

    [Theory]
    [InlineData("{\n  \"dataset\"", "{\n  \"meta\": null,\n  \"dataset\"")]
    [InlineData("\"rule\": \"asymmetric\"", "\"rule\": null")]
    public void SpecWithoutAPart_IsRefused(string old, string changed)
    {
        var json = Profiles.Spec("smoke").ToJson();
        var damaged = json.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(json, damaged);
        Assert.StartsWith("spec.json: ", Assert.Throws<SpecException>(() => RunSpec.FromJson(damaged, "spec.json")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("joint-dm", "distillation.kernel", "gaussian", "joint-m3d")]
    [InlineData("joint-dc", "distillation.augmentation", "color", "joint-dsa")]
    [InlineData("random", "distillation.factor", "2", "reservoir")]
    public void SettingThatBelongsToAnotherRule_IsRefusedWithThatRule(string rule, string key, string value, string other) =>
        Assert.Contains(other, Assert.Throws<SpecException>(() => Profiles.Spec("smoke", rule: rule).With(key, value).Validate()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"iterations\": 60,", "\"iterations\": 60, \"warmUp\": 5,", "'distillation.warmUp' is not known: written by a newer version of didd, or misspelt")]
    [InlineData("{\n  \"dataset\"", "{\n  \"warmUp\": 5,\n  \"dataset\"", "'warmUp' is not known: written by a newer version of didd, or misspelt")]
    public void SpecOfANewerVersion_IsRefusedAsSuch(string old, string changed, string part)
    {
        var json = Profiles.Spec("smoke").ToJson();
        var newer = json.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(json, newer);
        Assert.Contains(part, Assert.Throws<SpecException>(() => RunSpec.FromJson(newer, "spec.json")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryRule_StartsFromAValidSpec()
    {
        foreach (var (rule, profile) in Learners.Names.SelectMany(rule => Profiles.Names.Select(profile => (rule, profile))))
            Profiles.Spec(profile, rule: rule, ipc: 10).Validate();
    }

    [Fact]
    public void PaperProfile_HasTheConstantsOfOtherBaseMethods()
    {
        var (mean, gradient) = (Profiles.Spec("paper", rule: "joint-dm", ipc: 10), Profiles.Spec("paper", rule: "joint-dsa", ipc: 10));
        Assert.Equal((20_000, 256, 1), (mean.Distillation.Iterations * mean.Domains, mean.Distillation.RealImages, mean.Distillation.Factor));
        Assert.Equal((1000, 256), (gradient.Distillation.Iterations * gradient.Domains, gradient.Distillation.RealImages));
        foreach (var (rule, total) in new[] { ("joint-dm", 20_000), ("joint-dc", 1000) })
        {
            var pacs = Profiles.Spec("paper", "pacs", rule, ipc: 10);
            Assert.Equal(total, pacs.Distillation.Iterations * pacs.Domains);
        }
        Assert.Equal((10, 50, 0.01), (gradient.GradientMatching.OuterLoops, gradient.GradientMatching.InnerLoops, gradient.GradientMatching.LearningRate));
    }

    [Theory]
    [InlineData("dm", 1)]
    [InlineData("dc", 0.1)]
    [InlineData("dsa", 0.1)]
    [InlineData("mtt", 1000)]
    public void StepOfAnotherObjective_IsItsAuthorsInPixels(string objective, double ofNormalizedPixels)
    {
        var spec = Profiles.Spec("paper").With("distillation.objective", objective).With("domains", "1");
        using var stream = Streams.Open(spec);
        var std = stream.Normalization.Std.Single();
        Assert.Equal(1, spec.Distillation.LearningRate / (ofNormalizedPixels * std * std), 0.1);
    }

    [Theory]
    [InlineData("joint-dm", 20_000)]
    [InlineData("joint-dc", 1000)]
    [InlineData("joint-dsa", 1000)]
    public void JointLearning_KeepsItsIterationsInAll_WhateverTheNumberOfDomains(string rule, int all)
    {
        var spec = Profiles.Spec("paper", rule: rule);
        Assert.All([spec.With("domains", "5"), spec.With("data.domains", "1,7,13,19"), spec.With("domains", "1")], changed => Assert.Equal(all, changed.Distillation.Iterations * changed.Domains));
        Assert.Equal(7, spec.With("distillation.iterations", "7").With("domains", "5").Distillation.Iterations);
    }

    [Fact]
    public void SettingsFollowTheObjective_UnlessTheyWereSet()
    {
        var m3d = Profiles.Spec("paper", "pacs", "stable", ipc: 10);
        var mtt = m3d.With("distillation.objective", "mtt");
        Assert.Equal((5000, 100.0, 1, Schedule.Parallel), (mtt.Distillation.Iterations, mtt.Distillation.LearningRate, mtt.Distillation.Factor, mtt.Distillation.Schedule));
        Assert.Equal("color_crop_cutout_flip_scale_rotate", mtt.Distillation.Augmentation);
        Assert.Equal(3, m3d.With("distillation.factor", "3").With("distillation.objective", "mtt").Distillation.Factor);
        Assert.Equal(m3d, mtt.With("distillation.objective", "m3d"));
        Assert.Equal("color_crop_cutout_scale_rotate", Profiles.Spec("smoke").With("distillation.objective", "dsa").Distillation.Augmentation);
    }

    [Fact]
    public void ObjectiveAndItsSettings_AreLeftOutWhileTheyAreTheDefault()
    {
        var m3d = Profiles.Spec("smoke");
        Assert.DoesNotContain("objective", m3d.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("trajectories", m3d.ToJson(), StringComparison.Ordinal);
        var mtt = m3d.With("distillation.objective", "mtt");
        Assert.Equal(mtt, RunSpec.FromJson(mtt.ToJson(), "spec.json"));
        Assert.Equal(4, RunSpec.FromJson(mtt.ToJson(), "spec.json").Trajectories.Steps);
        Assert.Contains("choose one of m3d, dm, dc, dsa, mtt", Assert.Throws<SpecException>(m3d.With("distillation.objective", "dd").Validate).Message, StringComparison.Ordinal);
        Assert.Contains("take rule joint", Assert.Throws<SpecException>(Profiles.Spec("smoke", rule: "joint-m3d").With("distillation.objective", "dm").Validate).Message, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("pacs", "smoke", 3)]
    [InlineData("pacs", "paper", 4)]
    [InlineData("core50", "laptop", 11)]
    [InlineData("emoji-styles", "paper", 4)]
    [InlineData("emoji-sessions", "laptop", 11)]
    [InlineData("r-mnist", "paper", 20)]
    public void EveryDataSet_StartsFromAValidSpecWithItsDomains(string dataset, string profile, int domains)
    {
        var spec = Profiles.Spec(profile, dataset);
        Assert.Equal((domains, spec), (spec.Domains, RunSpec.FromJson(spec.ToJson(), "test")));
    }

    [Theory]
    [InlineData("pacs", "data.domains", "sketch,photo", 2)]
    [InlineData("emoji-styles", "data.domains", "render,shaded,flat,outline,line,contrast", 6)]
    [InlineData("core50", "data.split", "newInstances", 8)]
    [InlineData("r-mnist", "data.angles", "0,45,90,135", 4)]
    [InlineData("r-mnist", "data.domains", "20,1", 2)]
    [InlineData("r-mnist", "data.angles", "mammoth", 20)]
    public void SettingOfTheData_ChangesTheNumberOfDomains(string dataset, string key, string value, int domains)
    {
        var spec = Profiles.Spec("paper", dataset).With(key, value);
        spec.Validate();
        Assert.Equal(domains, spec.Domains);
    }

    [Fact]
    public void DomainsBeyondThoseOfTheSet_AreRefused()
    {
        Assert.Contains("pacs has 4", Assert.Throws<SpecException>(Profiles.Spec("paper", "pacs").With("domains", "5").Validate).Message, StringComparison.Ordinal);
        Assert.Contains("data.domains names 2", Assert.Throws<SpecException>(Profiles.Spec("paper", "pacs").With("data.domains", "photo,sketch").With("domains", "3").Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingLeftOutOfTheJson_KeepsTheHashWhileDefaultAndChangesItOtherwise()
    {
        var spec = Profiles.Spec("smoke");
        var joint = spec.With("asymmetric.joint", "true");
        Assert.DoesNotContain("joint", spec.ToJson(), StringComparison.Ordinal);
        Assert.Equal((spec.Hash, joint, true), (joint.With("asymmetric.joint", "false").Hash, RunSpec.FromJson(joint.ToJson(), "test"), joint.Asymmetric.Joint));
        Assert.NotEqual(spec.Hash, joint.Hash);
        Assert.Contains("one step", Assert.Throws<SpecException>(joint.With("asymmetric.betaLearningRate", "0.02").Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_TakeNumbersWordsAndTruthValues()
    {
        var spec = Profiles.Spec("smoke").With("distillation.network.norm", "batch").With("asymmetric.perTile", "false").With("distillation.learningRate", "0.5");
        spec.Validate();
        Assert.Equal((Networks.Norm.Batch, false, 0.5), (spec.Distillation.Network.Norm, spec.Asymmetric.PerTile, spec.Distillation.LearningRate));
    }
}
