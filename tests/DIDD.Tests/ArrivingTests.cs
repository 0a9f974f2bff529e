using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests;

/// <summary>Streams whose classes arrive one after another: the set has IPC images of every class seen.</summary>
public sealed class ArrivingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-arriving-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("false", "0-3", "4-7", "8-9")]
    [InlineData("true", "0-3", "0-7", "0-9")]
    public void ADomainHasTheClassesThatArrived(string returning, params string[] expected)
    {
        using var stream = Streams.Open(Spec("finetune", returning));
        Assert.Equal(10, stream.Classes.Count);
        for (var domain = 0; domain < 3; domain++)
        {
            var classes = ClassRange.Parse(expected[domain]);
            var range = Enumerable.Range(classes.First, classes.Count).ToList();
            Assert.Equal(range, stream.ClassesAt(domain));
            Assert.Equal(range, stream.Train(domain).Labels.Distinct().Order());
            Assert.Equal(range, stream.Test(domain).Labels.Distinct().Order());
        }
    }

    [Theory]
    [InlineData("asymmetric")]
    [InlineData("consolidated")]
    [InlineData("ewc")]
    [InlineData("reservoir")]
    public void ClassesThatReturn_AreLearntAsInARunThatHasThemAlone(string rule)
    {
        var spec = Spec(rule, "true");
        var run = new Runner(spec, Path.Combine(_folder, "run")).Execute();
        var alone = Path.Combine(_folder, "alone");
        var first = new ShardRunner(spec.With("data.returning", "false").With("data.arriving", "0"), new ClassRange(0, 3), alone).Execute();
        Assert.True(first.Finished);
        for (var domain = 0; domain < 3; domain++)
        {
            using var whole = run.Set(domain);
            Assert.Equal(Math.Min(10, 4 * (domain + 1)), whole.Classes);
            using var mine = whole.OfClasses(0, 4);
            using var its = Synthetic.SyntheticSet.Load(Run.SetPath(alone, domain));
            Assert.Equal(its.Images.data<float>().ToArray(), mine.Images.data<float>().ToArray());
            Assert.Equal(its.State.Keys.Order(), mine.State.Keys.Order());
        }
        // A class that has not arrived is black.
        using var stream = Streams.Open(spec);
        Assert.All([RunFigures.Domains(stream), RunFigures.Sets(run)], figure => Assert.NotEmpty(figure.Json));
        Assert.Contains("from the first domain on", Assert.Throws<ArgumentException>(() => SetExplorer.Of(run)).Message, StringComparison.Ordinal);
        Assert.Equal(run.Log().Count, Run.Records(File.ReadLines(Path.Combine(alone, "log.jsonl"))).Count());
    }

    [Fact]
    public void ClassesThatDoNotReturn_StayAsTheyAre()
    {
        var run = new Runner(Spec("stable", "false"), Path.Combine(_folder, "run")).Execute();
        using var last = run.Set(2);
        for (var domain = 0; domain < 2; domain++)
        {
            using var before = run.Set(domain);
            using var kept = last.OfClasses(0, before.Classes);
            Assert.Equal(before.Images.data<float>().ToArray(), kept.Images.data<float>().ToArray());
        }
        // After domain 1 nothing is known of the classes of domain 3.
        Assert.Equal(0, run.Accuracy[0, 2]);
        Assert.NotNull(run.Accuracy.Forgetting);
    }

    [Fact]
    public void AStoppedRun_GoesOnAfterTheLastDomainDone_WithTheSameSets()
    {
        var spec = Spec("asymmetric", "true");
        var whole = new Runner(spec, Path.Combine(_folder, "whole")).Execute();
        using var stop = new CancellationTokenSource();
        var folder = Path.Combine(_folder, "stopped");
        Assert.ThrowsAny<OperationCanceledException>(() => new Runner(spec, folder).Execute(
            progress =>
            {
                if (progress is { Domain: 2, Evaluating: false })
                    stop.Cancel();
            },
            stop.Token));
        int? first = null;
        var resumed = new Runner(spec, folder).Execute(progress => first ??= progress.Domain);
        Assert.Equal(2, first);
        Assert.Equal(whole.Sets, resumed.Sets);
    }

    [Theory]
    [InlineData("domain 4 has none; set domains=3", "finetune", "domains", "4")]
    [InlineData("keeps a set of every domain", "distill-gather", "domains", "3")]
    [InlineData("its networks see all classes at once", "finetune", "distillation.objective", "dc")]
    [InlineData("must be at least 1 where classes return", "finetune", "data.returning", "true", "data.arriving", "0")]
    public void WhatCannotBe_IsRefused(string message, string rule, params string[] settings)
    {
        var spec = settings.Chunk(2).Aggregate(Spec(rule, "false"), (spec, setting) => spec.With(setting[0], setting[1]));
        Assert.Contains(message, Assert.Throws<SpecException>(() =>
        {
            spec.Validate();
            Streams.Open(spec).Dispose();
        }).Message, StringComparison.Ordinal);
        Assert.Contains("--classes", Assert.Throws<SpecException>(() => Learners.ValidateShard(Spec("finetune", "true"))).Message, StringComparison.Ordinal);
    }

    private static RunSpec Spec(string rule, string returning) => new[]
    {
        ("domains", "3"), ("data.arriving", "4"), ("data.returning", returning), ("distillation.iterations", "3"), ("distillation.realImages", "4"), ("distillation.network.width", "4"),
        ("evaluation.epochs", "2"), ("evaluation.testImages", "100"), ("evaluation.network.width", "4"), ("ewc.iterations", "2"), ("consolidated.networks", "1"),
    }.Aggregate(Profiles.Spec("smoke", rule: rule), (spec, setting) => spec.With(setting.Item1, setting.Item2));
}
