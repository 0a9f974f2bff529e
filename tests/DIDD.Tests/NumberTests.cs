using static TorchSharp.torch;

namespace DIDD.Tests;

public class NumberTests
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
}
