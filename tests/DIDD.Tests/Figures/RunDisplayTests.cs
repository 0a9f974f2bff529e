using DIDD.Experiments;
using DIDD.Figures;
using DIDD.Synthetic;
using Microsoft.DotNet.Interactive.Formatting;
using static TorchSharp.torch;

namespace DIDD.Tests.Figures;

public sealed class RunDisplayTests
{
    private readonly List<RunView> _shown = [];
    private readonly RunSpec _spec = Profiles.Spec("smoke", rule: "asymmetric", seed: 3);
    private TimeSpan _now;

    [Fact]
    public void ARun_IsShownAtMostOnceASecond_WithItsImages_AndIsGoneAtTheEnd()
    {
        var display = Display();
        for (var i = 1; i <= 25; i++, _now += TimeSpan.FromSeconds(0.1))
            display.Report(At(i));
        Assert.Equal(3, _shown.Count);
        Assert.Equal("Asymmetric, r-mnist, IPC 1, profile smoke, seed 3: domain 2 of 3, iteration 11 of 60, L_plastic 0.12500, about 1 min 5 s left", _shown[1].ToDisplayString("text/plain"));
        Assert.Contains("src=\"data:image/png;base64,", _shown[1].ToDisplayString("text/html"), StringComparison.Ordinal);
        Assert.Contains("<progress value=\"0.5\"", _shown[1].ToDisplayString("text/html"), StringComparison.Ordinal);
        display.End(done: true);
        Assert.Equal(("", ""), (_shown[^1].ToDisplayString("text/html"), _shown[^1].ToDisplayString("text/plain")));
    }

    [Fact]
    public void AStoppedRun_SaysWhereItStopped()
    {
        var display = Display();
        display.Report(At(7));
        display.End(done: false);
        Assert.EndsWith("iteration 7 of 60, L_plastic 0.12500: stopped", _shown[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesStay_WhileThereAreNoNewOnes()
    {
        var display = Display();
        display.Report(At(60));
        _now = TimeSpan.FromSeconds(2);
        display.Report(At(1) with { Evaluating = true, Look = null });
        Assert.Equal(_shown[0].Picture, _shown[1].Picture);
    }

    [Fact]
    public void WithoutANotebook_NothingIsShown_AndNothingFails()
    {
        Assert.Null(RunDisplay.Show(RunView.Nothing));
        var asked = 0;
        var display = new RunDisplay(_spec, _ => { asked++; return null; }, () => _now += TimeSpan.FromSeconds(5));
        display.Report(At(1));
        display.Report(At(2));
        display.End(done: true);
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Distilling_IsWatched_UnlessItFails()
    {
        using var stream = Streams.Open(_spec.With("domains", "2"));
        var spec = _spec.With("distillation.iterations", "3").With("distillation.network.width", "4");
        var (reports, ends) = (new List<RunProgress>(), new List<bool>());
        var looks = 0;
        var before = RunWatcher.Host;
        RunWatcher.Host = _ => new RunWatcher(
            progress =>
            {
                reports.Add(progress);
                using var set = progress.Look!();
                Assert.Equal((10, 1), (set!.Classes, set.Ipc));
                looks++;
            },
            ends.Add, default);
        try
        {
            Learners.Distil(spec, stream).Dispose();
            Assert.Equal([(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)], reports.Select(report => (report.Domain, report.Step)));
            Assert.Equal((6, 1.0, 0.0), (looks, reports[^1].Fraction, reports[^1].Remaining!.Value.TotalSeconds));
            using var stopped = new CancellationTokenSource();
            stopped.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => Learners.Distil(spec, stream, cancellation: stopped.Token));
            Assert.Equal([true, false], ends);
        }
        finally
        {
            RunWatcher.Host = before;
        }
    }

    [Fact]
    public void TokenOfTheRunningCell_StopsWhatIsGivenNone()
    {
        using var stream = Streams.Open(_spec.With("domains", "2"));
        using var interrupt = new CancellationTokenSource();
        interrupt.Cancel();
        AppContext.SetData("DIDD.Interrupt", interrupt.Token);
        try
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Learners.Distil(_spec, stream));
            Assert.ThrowsAny<OperationCanceledException>(() => DomainTrace.Start(_spec, stream));
        }
        finally
        {
            AppContext.SetData("DIDD.Interrupt", null);
        }
    }

    private RunDisplay Display() => new(_spec, Show, () => _now);

    private Action<object> Show(object first)
    {
        _shown.Add((RunView)first);
        return next => _shown.Add((RunView)next);
    }

    private static RunProgress At(int iteration) =>
        new(1, 3, false, iteration, 60, 0.125, null, 0.5, TimeSpan.FromSeconds(65), () => new SyntheticSet(zeros([2, 1, 1, 4, 4]), 2));
}
