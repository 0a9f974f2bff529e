using System.Globalization;
using System.Text.Json;
using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using DIDD.Reference;
using DIDD.Rules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Tests;

/// <summary>
/// Writes reference cases of every kind but <c>resize</c> with sizes and settings drawn from a seed. What must come out is computed from the definitions,
/// pixel by pixel and pair by pair in double precision, by <see cref="SequentialLoop"/>, and by nothing that is verified.
/// </summary>
internal sealed class FreshCases(int seed, string folder) : IDisposable
{
    private const double DistillTolerance = 2e-4;

    private readonly Random _random = new(seed);
    private readonly Generator _generator = new((ulong)seed, CPU);

    public void Write()
    {
        using var noGradient = no_grad();
        foreach (var kernel in (string[])["gaussian", "linear", "polynomial", "laplace"])
            Mmd(kernel);
        foreach (var operation in (string[])["flip", "brightness", "saturation", "contrast", "crop", "scale", "rotate", "cutout"])
            Augment(operation);
        Network();
        Decode();
        Mix();
        Metrics();
        Rotate();
        foreach (var rule in (string[])["finetune", "asymmetric"])
            foreach (var width in (int[])[5, 16])
                Distill(rule, width, Norm.Instance);
        Distill("asymmetric", 5, Norm.Batch);
    }

    public void Dispose() => _generator.Dispose();

    private void Mmd(string kernel)
    {
        var (n, m, d) = (_random.Next(1, 6), _random.Next(2, 9), _random.Next(3, 97));
        var (synthetic, real) = (Uniform(n, d) * 0.3, Uniform(m, d) * 0.3);
        var x = synthetic.to(ScalarType.Float64).requires_grad_();
        using var gradient = enable_grad();
        Tensor[] points = [.. x.unbind(0), .. real.to(ScalarType.Float64).unbind(0)];
        var pairs = from a in points from b in points select (a - b).square().sum();
        var bandwidth = pairs.Aggregate((sum, distance) => sum + distance).item<double>() / (points.Length * (points.Length - 1));
        Tensor K(Tensor a, Tensor b)
        {
            Tensor Exponentials(params double[] rates) => rates.Select(rate => ((a - b).square().sum() * -rate).exp()).Aggregate((sum, term) => sum + term);
            return kernel switch
            {
                "gaussian" => Exponentials([.. Enumerable.Range(-2, 5).Select(j => 1 / (bandwidth * Math.Pow(2, j)))]),
                "laplace" => Exponentials(0.1, 1, 5),
                "linear" => a.dot(b),
                _ => (a.dot(b) + 1).square(),
            };
        }
        Tensor Mean(IEnumerable<Tensor> us, IEnumerable<Tensor> vs) => stack([.. from u in us from v in vs select K(u, v)]).mean();
        var (xs, ys) = (points[..n], points[n..]);
        var loss = Mean(xs, xs) - 2 * Mean(xs, ys) + Mean(ys, ys);
        Save($"mmd-{kernel}", "mmd", 1e-4, new() { ["kernel"] = kernel }, new()
        {
            ["in.synthetic"] = synthetic,
            ["in.real"] = real,
            ["out.loss"] = loss.detach().view(1),
            ["out.gradient"] = autograd.grad([loss], [x])[0],
        });
    }

    private void Augment(string operation)
    {
        var (n, channels, size) = (_random.Next(1, 4), _random.Next(2) * 2 + 1, _random.Next(8, 33));
        var images = Uniform(n, channels, size, size);
        double[] uniform = [_random.NextDouble(), _random.NextDouble()];
        var shift = (int)(0.125 * size + 0.5);
        int[] integers = operation == "crop" ? [_random.Next(-shift, shift + 1), _random.Next(-shift, shift + 1)] : [_random.Next(size), _random.Next(size)];
        var (u, side, angle) = (uniform[0], (int)(0.5 * size + 0.5), (uniform[0] - 0.5) * Math.PI / 6);
        double[] scale = [.. uniform.Select(v => v * (1.2 - 1 / 1.2) + 1 / 1.2)];
        var x = Values(images);
        double At(int i, int c, int row, int column) => row < 0 || row >= size || column < 0 || column >= size ? 0 : x[((i * channels + c) * size + row) * size + column];
        double Channels(int i, int row, int column) => Enumerable.Range(0, channels).Average(c => At(i, c, row, column));
        double Image(int i) => Enumerable.Range(0, channels * size * size).Average(p => x[i * channels * size * size + p]);
        // Bilinear, at the source (a·x+b·y, c·x+d·y) of the target (x,y), in units of half the side about the centre.
        double Sampled(int i, int channel, int row, int column, double a, double b, double c, double d)
        {
            var (tx, ty) = ((2 * column + 1.0) / size - 1, (2 * row + 1.0) / size - 1);
            var (sx, sy) = (((a * tx + b * ty + 1) * size - 1) / 2, ((c * tx + d * ty + 1) * size - 1) / 2);
            var (left, top) = ((int)Math.Floor(sx), (int)Math.Floor(sy));
            var (right, down) = (sx - left, sy - top);
            return (1 - down) * ((1 - right) * At(i, channel, top, left) + right * At(i, channel, top, left + 1))
                + down * ((1 - right) * At(i, channel, top + 1, left) + right * At(i, channel, top + 1, left + 1));
        }
        double Pixel(int i, int c, int row, int column) => operation switch
        {
            "flip" => At(i, c, row, u < 0.5 ? size - 1 - column : column),
            "brightness" => At(i, c, row, column) + u - 0.5,
            "saturation" => (At(i, c, row, column) - Channels(i, row, column)) * (channels == 1 ? 1 : 2 * u) + Channels(i, row, column),
            "contrast" => (At(i, c, row, column) - Image(i)) * (u + 0.5) + Image(i),
            "crop" => At(i, c, row + integers[0], column + integers[1]),
            "scale" => Sampled(i, c, row, column, scale[0], 0, 0, scale[1]),
            "rotate" => Sampled(i, c, row, column, Math.Cos(angle), -Math.Sin(angle), Math.Sin(angle), Math.Cos(angle)),
            _ => row >= integers[0] - side / 2 && row < integers[0] - side / 2 + side && column >= integers[1] - side / 2 && column < integers[1] - side / 2 + side
                ? 0
                : At(i, c, row, column),
        };
        var expected = from i in Enumerable.Range(0, n) from c in Enumerable.Range(0, channels) from row in Enumerable.Range(0, size) from column in Enumerable.Range(0, size) select Pixel(i, c, row, column);
        Save($"augment-{operation}", "augment", 1e-4, new() { ["operation"] = operation, ["uniform"] = JsonSerializer.Serialize(uniform), ["integers"] = JsonSerializer.Serialize(integers) }, new()
        {
            ["in.images"] = images,
            ["out.images"] = tensor(expected.ToArray()).view(images.shape),
        });
    }

    // Instance norm; a convolution as a product of matrices.
    private void Network()
    {
        var (n, channels, classes, width, depth) = (_random.Next(1, 5), _random.Next(2) * 2 + 1, _random.Next(2, 9), 16 * _random.Next(1, 3), _random.Next(1, 4));
        var size = channels == 1 ? 28 : 32;
        var (weights, images) = (Weights("weight.", channels, size, classes, width, depth), Uniform(n, channels, size, size));
        using var gradient = enable_grad();
        var x = images.to(ScalarType.Float64).requires_grad_();
        var layer = x;
        for (var block = 0; block < depth; block++)
        {
            Tensor Weight(string name) => weights[$"weight.layers.{name}"].to(ScalarType.Float64);
            var padding = block == 0 && channels == 1 ? 3 : 1;
            var side = layer.shape[2] + 2 * padding - 2;
            var convolved = Weight($"conv.{block}.weight").flatten(1).matmul(F.unfold(layer, (3, 3), padding: (padding, padding))) + Weight($"conv.{block}.bias").view(-1, 1);
            var centred = convolved - convolved.mean([2], keepdim: true);
            var normed = centred / (centred.square().mean([2], keepdim: true) + 1e-5).sqrt() * Weight($"norm.{block}.weight").view(-1, 1) + Weight($"norm.{block}.bias").view(-1, 1);
            layer = normed.clamp_min(0).view(n, width, side / 2, 2, side / 2, 2).mean([3, 5]);
        }
        var features = layer.flatten(1);
        var logits = features.matmul(weights["weight.classifier.weight"].to(ScalarType.Float64).t()) + weights["weight.classifier.bias"].to(ScalarType.Float64);
        Save("convnet-instance", "convnet", 1e-4, Sizes(channels, size, classes, width, depth), new(weights)
        {
            ["in.images"] = images,
            ["out.features"] = features.detach(),
            ["out.logits"] = logits.detach(),
            ["out.gradient"] = autograd.grad([features.square().mean() + logits.sum()], [x])[0],
        });
    }

    private void Decode()
    {
        var (n, channels, factor) = (_random.Next(1, 4), _random.Next(2) * 2 + 1, _random.Next(1, 5));
        var tile = _random.Next(3, 9);
        var (size, images) = (tile * factor, Uniform(n, channels, tile * factor, tile * factor));
        var x = Values(images);
        double Pixel(int row0, int column0, int i, int c, int row, int column)
        {
            double Source(int target) => Math.Max(0, (target + 0.5) / factor - 0.5);
            var (sy, sx) = (Source(row), Source(column));
            var (top, left) = ((int)sy, (int)sx);
            double At(int dy, int dx) => x[((i * channels + c) * size + row0 * tile + Math.Min(top + dy, tile - 1)) * size + column0 * tile + Math.Min(left + dx, tile - 1)];
            return (1 - (sy - top)) * ((1 - (sx - left)) * At(0, 0) + (sx - left) * At(0, 1)) + (sy - top) * ((1 - (sx - left)) * At(1, 0) + (sx - left) * At(1, 1));
        }
        var decoded = from row0 in Enumerable.Range(0, factor)
                      from column0 in Enumerable.Range(0, factor)
                      from i in Enumerable.Range(0, n)
                      from c in Enumerable.Range(0, channels)
                      from row in Enumerable.Range(0, size)
                      from column in Enumerable.Range(0, size)
                      select Pixel(row0, column0, i, c, row, column);
        var labels = arange(n, dtype: ScalarType.Int64);
        Save("decode", "decode", 1e-5, new() { ["factor"] = Text(factor) }, new()
        {
            ["in.images"] = images,
            ["in.labels"] = labels,
            ["out.images"] = tensor(decoded.ToArray()).view(-1, channels, size, size),
            ["out.labels"] = labels.repeat(factor * factor),
        });
    }

    private void Mix()
    {
        var (classes, ipc, factor, channels) = (_random.Next(1, 4), _random.Next(1, 4), _random.Next(1, 4), _random.Next(2) * 2 + 1);
        var tile = _random.Next(3, 9);
        var size = tile * factor;
        var real = Uniform(classes, factor * factor * ipc, channels, size, size);
        var x = Values(real);
        // Which real image a tile shows, and which of its pixels.
        double Pixel(int k, int i, int c, int row, int column)
        {
            var image = (row / tile * factor + column / tile) * ipc + i;
            return x[(((k * factor * factor * ipc + image) * channels + c) * size + row % tile * factor) * size + column % tile * factor];
        }
        var mixed = from k in Enumerable.Range(0, classes)
                    from i in Enumerable.Range(0, ipc)
                    from c in Enumerable.Range(0, channels)
                    from row in Enumerable.Range(0, size)
                    from column in Enumerable.Range(0, size)
                    select Pixel(k, i, c, row, column);
        Save("mix-init", "mix-init", 1e-6, new() { ["factor"] = Text(factor), ["ipc"] = Text(ipc) }, new() { ["in.real"] = real, ["out.images"] = tensor(mixed.ToArray()).view(-1, channels, size, size) });
    }

    private void Metrics()
    {
        var side = _random.Next(2, 12);
        var accuracy = rand(side, side, dtype: ScalarType.Float64, generator: _generator) * 100;
        var a = Values(accuracy).Chunk(side).ToArray();
        double Forgetting(int t)
        {
            var sum = 0.0;
            for (var k = 0; k < t; k++)
            {
                var best = a[k][k];
                for (var l = k; l <= t; l++)
                    best = Math.Max(best, a[l][k]);
                sum += Math.Max(0, best - a[t][k]);
            }
            return t == 0 ? 0 : sum / t;
        }
        Save("metrics", "metrics", 1e-9, [], new()
        {
            ["in.accuracy"] = accuracy,
            ["out.forgetting"] = tensor([Forgetting(side - 1)], dtype: ScalarType.Float64),
            ["out.curve"] = tensor([.. Enumerable.Range(0, side).Select(Forgetting)], dtype: ScalarType.Float64),
            ["out.average"] = tensor([a[^1].Average()], dtype: ScalarType.Float64),
        });
    }

    // By right angles, where no rounding decides: whole turns of the pixels.
    private void Rotate()
    {
        var images = randint(0, 256, [3, 28, 28], dtype: ScalarType.Byte, generator: _generator);
        Save("rotate", "rotate", 0, [], new()
        {
            ["in.images"] = images,
            ["in.degrees"] = tensor([0.0, 90, 180, 270], dtype: ScalarType.Float64),
            ["out.images"] = stack([.. Enumerable.Range(0, 4).Select(quarter => rot90(images, quarter, (1, 2)))]),
        });
    }

    private void Distill(string rule, int width, Norm norm)
    {
        // The more units there are, the likelier is a ReLU on the verge of passing.
        var (channels, few) = (_random.Next(2) * 2 + 1, width >= 16);
        var (classes, ipc, factor, iterations) = few ? (2, 1, 1, 2) : (_random.Next(2, 5), _random.Next(1, 3), _random.Next(1, 3), 3);
        var size = channels == 1 ? 28 : 32;
        var settings = new DistillationSettings { LearningRate = _random.Next(1, 6), Momentum = Math.Round(_random.NextDouble() * 0.9, 3), Factor = factor, Augmentation = "none" };
        var rates = new AsymmetricSettings(true, 0, 2, 0.5, 1.5, 0.02, 0.03, 0.01, 0.02);
        Tensor Images(int count) => rand([classes, count, channels, size, size], generator: _generator);
        var (start, previous, real) = (Images(ipc) * 1.2 - 0.1, Images(ipc), stack([.. Enumerable.Range(0, iterations).Select(_ => Images(4))]));
        var weights = Enumerable.Range(0, iterations).SelectMany(i => Weights($"weight.{i}.", channels, size, classes, width, 3, norm)).ToDictionary();
        (Tensor Images, Tensor Parameters) Oracle(double disturbance)
        {
            using var gradient = enable_grad();
            Tensor Disturbed(Tensor images) => images + disturbance * randn(images.shape, generator: _generator);
            using var oracle = new SequentialLoop(settings, rates, rule, Disturbed(start), Disturbed(previous), new Normalization([.. new float[channels]], [.. Enumerable.Repeat(1f, channels)]));
            var draw = new DiffAugment("none").Draw([new RandomStream(0)], new ImageShape(channels, size, size), CPU);
            for (var i = 0; i < iterations; i++)
            {
                using var network = new ConvNet(new ConvNetSettings(width, Norm: norm), new ImageShape(channels, size, size), classes, _generator);
                network.Load(weights, $"weight.{i}.");
                oracle.Run(network, Disturbed(real[i]), _ => (draw, draw));
            }
            return (oracle.Images.detach().flatten(0, 1).clone(), oracle.Parameters.detach().clone());
        }
        var (images, parameters) = Oracle(0);
        // There the gradient jumps: no float32 can be held to such a problem.
        if (Enumerable.Range(0, 6).Any(_ => (Oracle(2e-6).Images - images).abs().max().item<float>() > DistillTolerance / 2))
        {
            Distill(rule, width, norm);
            return;
        }
        var metadata = new Dictionary<string, string>(Sizes(channels, size, classes, width, 3))
        {
            ["norm"] = norm == Norm.Batch ? "batch" : "instance",
            ["schedule"] = "class-sequential",
            ["augmentation"] = "none",
            ["rule"] = rule,
            ["domain"] = "1",
            ["iterations"] = Text(iterations),
            ["ipc"] = Text(ipc),
            ["factor"] = Text(factor),
            ["learningRate"] = Text(settings.LearningRate),
            ["momentum"] = Text(settings.Momentum),
            ["alphaRange"] = "[0, 2]",
            ["betaRange"] = "[0.5, 1.5]",
            ["learningRateAlpha"] = "0.02",
            ["learningRateBeta"] = "0.03",
            ["lambdaAlpha"] = "0.01",
            ["lambdaBeta"] = "0.02",
            ["kernel"] = "gaussian",
        };
        var tensors = new Dictionary<string, Tensor>(weights)
        {
            ["in.synthetic"] = start.flatten(0, 1),
            ["in.real"] = real,
            ["in.previous"] = previous.flatten(0, 1),
            ["out.synthetic"] = images,
        };
        if (rule == "asymmetric")
            (tensors["out.alpha"], tensors["out.beta"]) = (parameters[0], parameters[1]);
        Save($"distill-{rule}-{norm}-w{width}", "distill", DistillTolerance, metadata, tensors);
    }

    // Weights under PyTorch's names, with norms that scale and shift.
    private Dictionary<string, Tensor> Weights(string prefix, int channels, int size, int classes, int width, int depth, Norm norm = Norm.Instance)
    {
        using var network = new ConvNet(new ConvNetSettings(width, depth, norm), new ImageShape(channels, size, size), classes, _generator);
        return network.Weights.ToDictionary(
            weight => prefix + weight.Key,
            weight => weight.Value.detach() + (weight.Key.Contains("norm", StringComparison.Ordinal) ? randn(weight.Value.shape, generator: _generator) * 0.2 : zeros_like(weight.Value)));
    }

    private static Dictionary<string, string> Sizes(int channels, int size, int classes, int width, int depth) => new()
    {
        ["channels"] = Text(channels),
        ["size"] = Text(size),
        ["classes"] = Text(classes),
        ["width"] = Text(width),
        ["depth"] = Text(depth),
    };

    private void Save(string name, string kind, double tolerance, Dictionary<string, string> metadata, Dictionary<string, Tensor> tensors) => Safetensors.Write(
        Path.Combine(folder, $"{name}-{seed}.safetensors"),
        tensors.ToDictionary(tensor => tensor.Key, tensor => kind != "metrics" && tensor.Value.dtype == ScalarType.Float64 && tensor.Key != "in.degrees" ? tensor.Value.to(ScalarType.Float32) : tensor.Value),
        new Dictionary<string, string>(metadata) { ["case"] = kind, ["tolerance"] = Text(tolerance) });

    private Tensor Uniform(params long[] shape) => rand(shape, generator: _generator);

    private static double[] Values(Tensor tensor) => tensor.to(ScalarType.Float64).data<double>().ToArray();

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
