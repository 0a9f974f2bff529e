using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using DIDD.Rules;

namespace DIDD.Reference;

/// <summary>
/// The authors' loop, written down literally (METHOD §3): one class after another; torch's SGD with momentum on the whole set and torch's Adam on all
/// α and β after every class; plain autograd through <see cref="Network.Features"/>, for DC and DSA twice, L_meta differentiated through ᾱ and β̄. Nothing of the batched
/// replay, the closed form and the fast passes is in it: <see cref="DistillationStep"/> is held to it by tests, and measured against it by benchmarks.
/// </summary>
public sealed class SequentialLoop : IDisposable
{
    private readonly DistillationSettings _settings;
    private readonly AsymmetricSettings _rates;
    private readonly string _rule;
    private readonly DiffAugment _augment;
    private readonly Normalization _normalization;
    private readonly Tensor? _previous;
    private readonly Tensor _tileIds;
    private readonly optim.Optimizer _imageOptimizer, _rateOptimizer;
    private readonly TorchSharp.Modules.Parameter _images, _alpha, _beta;

    /// <summary>Creates the loop at the start of a domain, from X and X̂_{t−1}, [C,IPC,channels,H,W]; there is none of these at the first domain.</summary>
    /// <exception cref="ArgumentException">The loop does not know the rule, the objective or the kernel, or the factor does not divide the sides of the images.</exception>
    internal SequentialLoop(DistillationSettings settings, AsymmetricSettings rates, string rule, Tensor images, Tensor? previous, Normalization normalization)
    {
        if (!Rules.Contains(rule))
            throw new ArgumentException($"the literal loop has no rule {rule}; it has {string.Join(", ", Rules)}", nameof(rule));
        if (!Objectives.Contains(settings.Objective))
            throw new ArgumentException($"the literal loop has no objective {settings.Objective}; it has {string.Join(", ", Objectives)}", nameof(settings));
        if (settings is { Objective: "m3d", Kernel: not "gaussian" })
            throw new ArgumentException($"the literal loop has the gaussian kernel, not {settings.Kernel}", nameof(settings));
        if (images.shape[3] % settings.Factor != 0 || images.shape[4] % settings.Factor != 0)
            throw new ArgumentException($"the literal loop needs a factor that divides {images.shape[3]}×{images.shape[4]}, not {settings.Factor}", nameof(settings));
        (_settings, _rates, _rule, _previous, _normalization) = (settings, rates, rule, previous, normalization);
        _augment = new DiffAugment(settings.Augmentation, oneOfAll: settings.Objective != "m3d");
        _images = new TorchSharp.Modules.Parameter(images.clone());
        _imageOptimizer = optim.SGD([_images], settings.LearningRate, settings.Momentum);
        var factor = rates.PerTile ? settings.Factor : 1;
        _tileIds = TileIds(images, factor);
        var count = images.shape[0] * images.shape[1] * factor * factor;
        _alpha = new TorchSharp.Modules.Parameter(zeros(count, dtype: images.dtype, device: images.device));
        _beta = new TorchSharp.Modules.Parameter(zeros(count, dtype: images.dtype, device: images.device));
        // Joint rates have α alone: β is its negative.
        TorchSharp.Modules.Adam.ParamGroup[] groups = [new([_alpha], lr: rates.AlphaLearningRate), new([_beta], lr: rates.BetaLearningRate)];
        _rateOptimizer = optim.Adam(rates.Joint ? groups[..1] : groups);
    }

    /// <summary>The rules that the loop knows.</summary>
    public static IReadOnlyList<string> Rules { get; } = ["finetune", "stable", "asymmetric"];

    /// <summary>The objectives that the loop knows.</summary>
    public static IReadOnlyList<string> Objectives { get; } = ["m3d", "dm", "dc", "dsa"];

    /// <summary>X, [C,IPC,channels,H,W].</summary>
    public Tensor Images => _images;

    /// <summary>α and β before the sigmoid, [2,C·IPC·tiles].</summary>
    public Tensor Parameters => stack([_alpha, Beta()]);

    /// <summary>One iteration over all classes, on real images [C,n,channels,H,W], with the draws of a class for the gradients and for the meta loss.</summary>
    internal void Run(Network network, Tensor real, Func<int, (AugmentationDraw Gradients, AugmentationDraw Meta)> draw)
    {
        using (no_grad())
            _images.clamp_(0, 1);
        var classes = Enumerable.Range(0, (int)real.shape[0]).ToList();
        foreach (var together in _settings.Schedule == Schedule.ClassSequential ? classes.Select(c => new[] { c }) : [[.. classes]])
            Step(network, real, draw, together);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _imageOptimizer.Dispose();
        _rateOptimizer.Dispose();
    }

    // Updates some classes together: one of them in the authors' loop, all of them in the parallel schedule.
    private void Step(Network network, Tensor real, Func<int, (AugmentationDraw Gradients, AugmentationDraw Meta)> draw, int[] classes)
    {
        using var scope = NewDisposeScope();
        var stability = _previous is not null && _rule != "finetune";
        var (plastic, stable) = (zeros_like(_images), zeros_like(_images));
        foreach (var c in classes)
        {
            var synthetic = Compared(network, Decode(_images[c]), c, draw(c).Gradients);
            plastic += autograd.grad([Distance(synthetic, Compared(network, real[c], c, draw(c).Gradients))], [_images], retain_graph: true)[0];
            if (stability)
                stable += autograd.grad([Distance(synthetic, Compared(network, Decode(_previous![c]), c, draw(c).Gradients))], [_images])[0];
        }
        if (stability && _rule == "asymmetric")
            MetaStep(network, real, draw, classes, plastic, stable);

        var (alpha, beta) = stability && _rule == "asymmetric" ? (AlphaBar()[_tileIds], BetaBar()[_tileIds]) : (ones(1, device: _images.device), ones(1, device: _images.device));
        _imageOptimizer.zero_grad();
        _images.grad = (alpha * stable + beta * plastic).detach();
        _imageOptimizer.step();
    }

    private void MetaStep(Network network, Tensor real, Func<int, (AugmentationDraw Gradients, AugmentationDraw Meta)> draw, int[] classes, Tensor plastic, Tensor stable)
    {
        var lookAhead = _images.detach() - _settings.LearningRate * (AlphaBar()[_tileIds] * stable + BetaBar()[_tileIds] * plastic);
        var loss = _rates.AlphaPenalty * AlphaBar().mean() + _rates.BetaPenalty * BetaBar().mean();
        foreach (var c in classes)
        {
            var synthetic = Compared(network, Decode(lookAhead[c]), c, draw(c).Meta);
            loss += Distance(synthetic, Compared(network, Decode(_previous![c]), c, draw(c).Meta)) + Distance(synthetic, Compared(network, real[c], c, draw(c).Meta));
        }
        _rateOptimizer.zero_grad();
        loss.backward();
        _rateOptimizer.step();
    }

    private Tensor AlphaBar() => _rates.AlphaLow + (_rates.AlphaHigh - _rates.AlphaLow) * _alpha.sigmoid();

    private Tensor BetaBar() => _rates.BetaLow + (_rates.BetaHigh - _rates.BetaLow) * Beta().sigmoid();

    private Tensor Beta() => _rates.Joint ? _alpha.neg() : _beta;

    // What the objective compares of the images of a class: features, or the gradients of the cross-entropy in the weights.
    private List<Tensor> Compared(Network network, Tensor images, int label, AugmentationDraw draw)
    {
        var features = network.Features(_augment.Apply(_normalization.Apply(images).unsqueeze(0), draw).squeeze(0));
        if (_settings.Objective is "m3d" or "dm")
            return [features];
        var loss = F.cross_entropy(network.Logits(features), full([images.shape[0]], label, dtype: ScalarType.Int64, device: images.device));
        return [.. autograd.grad([loss], [.. network.Weights.Values.Where(weight => weight.dim() > 1)], retain_graph: true, create_graph: true)];
    }

    private Tensor Distance(List<Tensor> x, List<Tensor> y) => _settings.Objective switch
    {
        "m3d" => Mmd(x[0], y[0]),
        "dm" => (x[0].mean([0]) - y[0].mean([0])).square().sum(),
        _ => x.Zip(y, OneMinusCosines).Aggregate((sum, layer) => sum + layer),
    };

    private static Tensor OneMinusCosines(Tensor x, Tensor y)
    {
        var (a, b) = (x.flatten(1), y.flatten(1));
        return (1 - (a * b).sum(1) / (a.norm(1) * b.norm(1) + 1e-6)).sum();
    }

    // The tiles of a class's images, enlarged: tile (0,0) of all images, then (0,1), and so on.
    private Tensor Decode(Tensor stored)
    {
        var (factor, height, width) = (_settings.Factor, stored.shape[2], stored.shape[3]);
        if (factor == 1)
            return stored;
        var tiles = new List<Tensor>();
        for (var row = 0; row < factor; row++)
            for (var column = 0; column < factor; column++)
                tiles.Add(F.interpolate(
                    stored.narrow(2, row * height / factor, height / factor).narrow(3, column * width / factor, width / factor),
                    [height, width], mode: InterpolationMode.Bilinear, align_corners: false));
        return cat(tiles);
    }

    private static Tensor Mmd(Tensor x, Tensor y)
    {
        var all = cat([x, y]);
        var distances = (all.unsqueeze(0) - all.unsqueeze(1)).square().sum(2);
        var count = all.shape[0];
        var bandwidth = distances.detach().sum() / (count * count - count);
        var kernel = zeros_like(distances);
        foreach (var scale in (double[])[0.25, 0.5, 1, 2, 4])
            kernel += (-distances / (bandwidth * scale)).exp();
        var n = x.shape[0];
        return kernel.narrow(0, 0, n).narrow(1, 0, n).mean() - 2 * kernel.narrow(0, 0, n).narrow(1, n, count - n).mean()
            + kernel.narrow(0, n, count - n).narrow(1, n, count - n).mean();
    }

    // The tile of every pixel, counted over the whole set: [C,IPC,1,H,W].
    private static Tensor TileIds(Tensor images, int factor)
    {
        var (count, height, width) = (images.shape[0] * images.shape[1], (int)images.shape[3], (int)images.shape[4]);
        var ids = new long[count * height * width];
        for (var pixel = 0; pixel < ids.Length; pixel++)
        {
            var (image, row, column) = (pixel / (height * width), pixel / width % height, pixel % width);
            ids[pixel] = image * factor * factor + row / (height / factor) * factor + column / (width / factor);
        }
        return tensor(ids, device: images.device).view(images.shape[0], images.shape[1], 1, height, width);
    }
}
