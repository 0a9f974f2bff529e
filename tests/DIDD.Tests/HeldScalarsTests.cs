using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class HeldScalarsTests
{
    // With TorchSharp as it is published a few in a hundred thousand of these operations fail, or read freed memory (environment/KeepArgumentsAlive.cs).
    [Fact]
    public void Numbers_SurviveCollectionsThatOtherThreadsBegin()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var x = ones([64, 64]);
            for (var i = 1; i <= 200_000; i++)
            {
                using var product = x * (i + 0.5);
                using var sum = product + x;
                if (i % 100 == 0)
                    Assert.Equal(i + 1.5f, sum[63, 63].item<float>());
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.9, 5e-4)]
    public void WeightOptimizer_StepsAsTorchs(double momentum, double weightDecay)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var start = rand([5, 4], generator: generator);
        var (ours, torchs) = (new TorchSharp.Modules.Parameter(start.clone()), new TorchSharp.Modules.Parameter(start.clone()));
        using var optimizer = new WeightOptimizer([ours], 0.1, momentum, weightDecay);
        using var expected = optim.SGD([torchs], 0.1, momentum, weight_decay: weightDecay);
        for (var step = 0; step < 4; step++)
        {
            if (step == 2)
            {
                optimizer.LearningRate = 0.02;
                foreach (var group in expected.ParamGroups)
                    group.LearningRate = 0.02;
            }
            var input = rand([5, 4], generator: generator);
            optimizer.ZeroGradients();
            expected.zero_grad();
            (ours * ours * input).sum().backward();
            (torchs * torchs * input).sum().backward();
            optimizer.Step();
            expected.step();
            Assert.Equal(torchs.detach().data<float>().ToArray(), ours.detach().data<float>().ToArray());
        }
        Assert.NotEqual(start.data<float>().ToArray(), ours.detach().data<float>().ToArray());
    }
}
