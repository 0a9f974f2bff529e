using System.Text.Json;
using DIDD.Benchmarking;
using DIDD.Distillation;
using DIDD.Experiments;

namespace DIDD.Tests;

public class BenchTests
{
    private const int Domains = 2, Real = 4, Width = 16, Networks = 2, Epochs = 3, TestImages = 20;

    private static readonly Dictionary<string, double> NoAuthors = [];

    private static RunSpec Tiny => Profiles.Spec("smoke").With("domains", $"{Domains}").With("distillation.realImages", $"{Real}").With("distillation.network.width", $"{Width}")
        .With("evaluation.network.width", $"{Width}").With("evaluation.networks", $"{Networks}").With("evaluation.epochs", $"{Epochs}").With("evaluation.testImages", $"{TestImages}");

    [Fact]
    public void Report_CountsThePassesByHand_AndHoldsEachVariantAgainstItsOwn()
    {
        const double theirs = 1234;
        var report = new Bench(Tiny).Measure(3, withLoop: true, new Dictionary<string, double> { ["asymmetric"] = theirs });
        var json = JsonSerializer.Serialize(report, RunSpec.Json);
        var read = JsonSerializer.Deserialize<BenchReport>(json, RunSpec.Json)!;
        Assert.Equal(json, JsonSerializer.Serialize(read, RunSpec.Json));
        Assert.Equal((10, 3), (read.Classes, read.Iterations));
        Assert.Equal(["finetune", "asymmetric, new draw", "asymmetric, shared draw", "literal loop, finetune", "literal loop, asymmetric"], read.Variants.Select(v => v.Name));

        // 28×28 padded by 3 gives 32×32, pooled twice.
        var flops = 2.0 * 9 * (32 * 32 * Width + 16 * 16 * Width * Width + 8 * 8 * Width * Width);
        Assert.Equal(flops / 1e6, read.MegaFlopPerImage, 9);
        const long real = 10 * Real, synthetic = 10 * 4;
        long[] passes = [real + 2 * synthetic, 2 * real + 7 * synthetic, real + 6 * synthetic, real + 2 * synthetic, 2 * real + 7 * synthetic];
        Assert.Equal(passes, read.Variants.Select(v => v.ImagePasses));
        var finetune = read.Variants[0].Milliseconds;
        foreach (var variant in read.Variants)
        {
            Assert.InRange(variant.Milliseconds, 0.1, 60_000);
            Assert.Equal(variant.Literal, variant.Stages is null);
            if (variant.Stages is { } stages)
            {
                Assert.All([stages.Targets, stages.Gradients, stages.Update, stages.Rest], part => Assert.InRange(part, 0, variant.Milliseconds));
            }
            Assert.Equal(variant.ImagePasses * flops / 1e9, variant.GigaFlop, 9);
            Assert.Equal(variant.ImagePasses * flops / 1e6 / variant.Milliseconds / read.PeakGigaFlopsPerSecond, variant.ShareOfPeak, 9);
            Assert.Equal(variant.Milliseconds / finetune, variant.ToFinetune, 9);
            Assert.Equal(variant.Rule == "asymmetric" ? theirs / variant.Milliseconds : null, variant.AuthorsToThis);
            Assert.Equal(variant.Literal ? null : read.Variants.Single(v => v.Literal && v.Rule == variant.Rule).Milliseconds / variant.Milliseconds, variant.LoopToThis);
        }
        // The meta step is in the rule's stage, and Finetune has none.
        Assert.True(read.Variants[1].Stages!.Rule > 2 * read.Variants[0].Stages!.Rule);

        var evaluation = read.Evaluation;
        Assert.Equal((Networks, synthetic), (evaluation.Networks, evaluation.TrainingImages));
        Assert.Equal(Networks * (Epochs * evaluation.SecondsPerEpoch + Domains * TestImages / evaluation.TestImagesPerSecond), evaluation.SecondsPerSet, 9);
        var spec = read.Spec;
        Assert.Equal(Domains * (spec.Distillation.Iterations * read.Variants[1].Milliseconds / 1000 + evaluation.SecondsPerSet) / 3600, read.RunHours, 9);
        Assert.Equal(read.Variants[2], read.Variant("asymmetric", MetaDraw.Shared));
        Assert.NotEmpty(read.Environment.Libtorch);
    }

    [Fact]
    public void FewerClasses_AreFewerImages()
    {
        var report = new Bench(Tiny with { Rule = "finetune" }, classes: 3).Measure(1, withLoop: false, NoAuthors);
        var only = Assert.Single(report.Variants);
        Assert.Equal((3, 3 * (Real + 2 * 4), null), (report.Classes, only.ImagePasses, only.LoopToThis));
        Assert.Equal(3 * 4, report.Evaluation.TrainingImages);
    }

    [Theory]
    [InlineData("ewc", 2, null, 1, "rule=ewc: bench times one of finetune, stable, asymmetric")]
    [InlineData("finetune", 1, null, 1, "domains=1")]
    [InlineData("finetune", 2, 11, 1, "classes=11")]
    [InlineData("finetune", 2, null, 0, "iterations=0")]
    public void ImpossibleMeasurement_IsRefused(string rule, int domains, int? classes, int iterations, string part)
    {
        var bench = new Bench(Tiny with { Rule = rule, Domains = domains }, classes);
        Assert.StartsWith(part, Assert.Throws<SpecException>(() => bench.Measure(iterations, withLoop: true, NoAuthors)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingThatTheLiteralLoopLacks_IsNamed()
    {
        var spec = Tiny.With("distillation.kernel", "linear");
        Assert.Equal(
            "the literal loop has the gaussian kernel, not linear; leave it out with --no-loop",
            Assert.Throws<SpecException>(() => new Bench(spec).Measure(1, withLoop: true, NoAuthors)).Message);
    }
}
