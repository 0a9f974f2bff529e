using System.Diagnostics;
using System.Globalization;
using DIDD.Data;
using DIDD.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Benchmarks;

/// <summary>
/// What the fast passes bring against plain autograd of the whole batch, by what they do. The ways to do one thing take turns, so that what slows the machine down hits all
/// alike; medians of the rounds are reported.
/// </summary>
internal static class FastPassTable
{
    private const int Real = 1280, Synthetic = 400, TrainingBatch = 128, Classes = 10;

    /// <summary>Measures, and writes the table as Markdown.</summary>
    /// <param name="rounds">Timed rounds after one that warms up.</param>
    public static void Write(int rounds)
    {
        Console.WriteLine("| images | channels | width | work | plain, ms | fast, ms | plain ÷ fast |\n| ---: | ---: | ---: | --- | ---: | ---: | ---: |");
        foreach (var width in new[] { 32, 128 })
            foreach (var shape in new[] { new ImageShape(1, 28, 28), new ImageShape(3, 32, 32) })
            {
                using var generator = new Generator(0, CPU);
                using var network = new ConvNet(new ConvNetSettings(width), shape, Classes, generator);
                using var trainable = new ConvNet(new ConvNetSettings(width), shape, Classes, generator, trainable: true);
                foreach (var (images, work, plain, fast) in Works(network, trainable, shape, width))
                {
                    var (slow, quick) = Compare(plain, fast, rounds);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {images} | {shape.Channels} | {width} | {work} | {slow:0.0} | {quick:0.0} | {slow / quick:0.00} |"));
                }
            }
    }

    private static IEnumerable<(int Images, string Work, Action Plain, Action Fast)> Works(ConvNet network, ConvNet trainable, ImageShape shape, int width)
    {
        Tensor Images(int count) => rand([count, shape.Channels, shape.Height, shape.Width]);
        Tensor real = Images(Real), synthetic = Images(Synthetic), batch = Images(TrainingBatch);
        var vectors = ones([2, Synthetic, network.FeatureCount]);
        yield return (Real, "features without gradient (`Embed`)", () => Plain(network, real), () => network.Embed(real));
        yield return (Synthetic, "features and two gradients (`Pass`, all)", () => Differentiated(AutogradPass.Of(network, synthetic), vectors), () => Differentiated(network.Pass(synthetic), vectors));
        yield return (TrainingBatch, "features and weights' gradients (`Pass`, all)", () => Trained(AutogradPass.Of(trainable, batch)), () => Trained(trainable.Pass(batch)));

        var blocks = Blocks(network, shape);
        var first = new FirstBlock(blocks[0], shape.Height, shape.Width);
        var gradient = ones([2, Synthetic, width, 16, 16]);
        var inMemory = gradient.flatten(0, 1).permute(0, 2, 3, 1).contiguous();
        yield return (
            Synthetic, "`FirstBlock`: forward and two gradients",
            () => Differentiated(synthetic, x => Normed(F.conv2d(x, blocks[0].Kernel, blocks[0].Bias, padding: [blocks[0].Padding, blocks[0].Padding]), blocks[0]), gradient),
            () => first.ToImages(synthetic, first.Forward(synthetic).Moments, inMemory));

        var convolved = rand([Synthetic, width, 16, 16]);
        var channelsLast = convolved.permute(0, 2, 3, 1).contiguous();
        var above = ones([2, Synthetic, width, 8, 8]);
        var aboveInMemory = above.flatten(0, 1).permute(0, 2, 3, 1).contiguous();
        yield return (
            Synthetic, "`NormReluPool` of the second block: forward and two gradients",
            () => Differentiated(convolved, x => Normed(x, blocks[1]), above),
            () => NormReluPool.Backward(channelsLast, blocks[1].Scale, blocks[1].Shift, NormReluPool.Forward(channelsLast, blocks[1].Scale, blocks[1].Shift).Moments, aboveInMemory));
    }

    private static ConvBlock[] Blocks(ConvNet network, ImageShape shape) => [.. Enumerable.Range(0, 3).Select(i => new ConvBlock(
        network.Weights[$"layers.conv.{i}.weight"], network.Weights[$"layers.conv.{i}.bias"], network.Weights[$"layers.norm.{i}.weight"], network.Weights[$"layers.norm.{i}.bias"],
        i == 0 && shape.Channels == 1 ? 3 : 1))];

    private static Tensor Normed(Tensor x, ConvBlock block) => F.avg_pool2d(F.relu(F.group_norm(x, x.shape[1], block.Scale, block.Shift)), 2);

    private static void Plain(ConvNet network, Tensor images)
    {
        using var noGradient = no_grad();
        network.Features(images);
    }

    private static void Differentiated(FeaturePass pass, Tensor vectors) => pass.ToImages(vectors);

    private static void Differentiated(Tensor images, Func<Tensor, Tensor> compute, Tensor vectors)
    {
        var x = images.detach().requires_grad_();
        var found = compute(x);
        foreach (var vector in vectors.unbind(0))
            autograd.grad([found], [x], [vector], retain_graph: true);
    }

    private static void Trained(FeaturePass pass) => pass.ToWeights(ones_like(pass.Features));

    private static (double Plain, double Fast) Compare(Action plain, Action fast, int rounds)
    {
        var times = (Plain: new List<double>(), Fast: new List<double>());
        for (var round = 0; round <= rounds; round++)
            foreach (var (work, list) in new[] { (plain, times.Plain), (fast, times.Fast) })
            {
                using var scope = NewDisposeScope();
                var clock = Stopwatch.StartNew();
                work();
                if (round > 0)
                    list.Add(clock.Elapsed.TotalMilliseconds);
            }
        return (times.Plain.Order().ElementAt(rounds / 2), times.Fast.Order().ElementAt(rounds / 2));
    }
}
