using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using DIDD.Rules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Tests;

/// <summary>
/// The authors' loop, written down literally: one class after another; torch's SGD with momentum on the whole set and torch's Adam on all α and β after
/// every class; L_meta differentiated by autograd through ᾱ and β̄. Nothing of the batched replay and of the closed form is in it.
/// </summary>
internal sealed class SequentialOracle : IDisposable
{
    private readonly DistillationSettings _settings;
    private readonly AsymmetricSettings _rates;
    private readonly string _rule;
    private readonly DiffAugment _augment;
    private readonly Normalization _normalization;
    private readonly Tensor? _previous;
    private readonly Tensor _tileIds;
    private readonly optim.Optimizer _imageOptimizer;
    private readonly optim.Optimizer _rateOptimizer;
    private readonly TorchSharp.Modules.Parameter _images;
    private readonly TorchSharp.Modules.Parameter _alpha;
    private readonly TorchSharp.Modules.Parameter _beta;

    public SequentialOracle(DistillationSettings settings, AsymmetricSettings rates, string rule, Tensor images, Tensor? previous, Normalization normalization)
    {
        (_settings, _rates, _rule, _previous, _normalization) = (settings, rates, rule, previous, normalization);
        _augment = new DiffAugment(settings.Augmentation);
        _images = new TorchSharp.Modules.Parameter(images.clone());
        _imageOptimizer = optim.SGD([_images], settings.LearningRate, settings.Momentum);
        var factor = rates.PerTile ? settings.Factor : 1;
        _tileIds = TileIds(images, factor);
        var count = images.shape[0] * images.shape[1] * factor * factor;
        _alpha = new TorchSharp.Modules.Parameter(zeros(count, dtype: images.dtype));
        _beta = new TorchSharp.Modules.Parameter(zeros(count, dtype: images.dtype));
        _rateOptimizer = optim.Adam(
            [
                new TorchSharp.Modules.Adam.ParamGroup([_alpha], lr: rates.AlphaLearningRate),
                new TorchSharp.Modules.Adam.ParamGroup([_beta], lr: rates.BetaLearningRate),
            ]);
    }

    public Tensor Images => _images;

    public Tensor Parameters => stack([_alpha, _beta]);

    /// <summary>One iteration over all classes.</summary>
    /// <param name="network">Its network.</param>
    /// <param name="real">[C,n,channels,H,W].</param>
    /// <param name="draw">The draw of a class, first for the gradients, then for the meta loss.</param>
    public void Run(Network network, Tensor real, Func<int, (AugmentationDraw Gradients, AugmentationDraw Meta)> draw)
    {
        using (no_grad())
            _images.clamp_(0, 1);
        var classes = Enumerable.Range(0, (int)real.shape[0]).ToList();
        foreach (var together in _settings.Schedule == Schedule.ClassSequential ? classes.Select(c => new[] { c }) : [[.. classes]])
            Step(network, real, draw, together);
    }

    public void Dispose()
    {
        _imageOptimizer.Dispose();
        _rateOptimizer.Dispose();
    }

    // Updates some classes together: one of them in the authors' loop, all of them in the parallel schedule.
    private void Step(Network network, Tensor real, Func<int, (AugmentationDraw Gradients, AugmentationDraw Meta)> draw, int[] classes)
    {
        var stability = _previous is not null && _rule != "finetune";
        var (plastic, stable) = (zeros_like(_images), zeros_like(_images));
        foreach (var c in classes)
        {
            var features = Features(network, Decode(_images[c]), draw(c).Gradients);
            plastic += autograd.grad([Mmd(features, Features(network, real[c], draw(c).Gradients))], [_images], retain_graph: true)[0];
            if (stability)
                stable += autograd.grad([Mmd(features, Features(network, Decode(_previous![c]), draw(c).Gradients))], [_images])[0];
        }
        if (stability && _rule == "asymmetric")
            MetaStep(network, real, draw, classes, plastic, stable);

        var (alpha, beta) = stability && _rule == "asymmetric" ? (AlphaBar()[_tileIds], BetaBar()[_tileIds]) : (ones(1), ones(1));
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
            var features = Features(network, Decode(lookAhead[c]), draw(c).Meta);
            loss += Mmd(features, Features(network, Decode(_previous![c]), draw(c).Meta)) + Mmd(features, Features(network, real[c], draw(c).Meta));
        }
        _rateOptimizer.zero_grad();
        loss.backward();
        _rateOptimizer.step();
    }

    private Tensor AlphaBar() => _rates.AlphaLow + (_rates.AlphaHigh - _rates.AlphaLow) * _alpha.sigmoid();

    private Tensor BetaBar() => _rates.BetaLow + (_rates.BetaHigh - _rates.BetaLow) * _beta.sigmoid();

    private Tensor Features(Network network, Tensor images, AugmentationDraw draw) =>
        network.Features(_augment.Apply(_normalization.Apply(images).unsqueeze(0), draw).squeeze(0));

    // The tiles of a class's images, each enlarged: tile (0,0) of all images, then (0,1), and so on.
    private Tensor Decode(Tensor stored)
    {
        var (factor, height, width) = (_settings.Factor, stored.shape[2], stored.shape[3]);
        if (factor == 1)
            return stored;
        var tiles = new List<Tensor>();
        for (var row = 0; row < factor; row++)
            for (var column = 0; column < factor; column++)
                for (var i = 0; i < stored.shape[0]; i++)
                    tiles.Add(F.interpolate(
                        stored[i].narrow(1, row * height / factor, height / factor).narrow(2, column * width / factor, width / factor).unsqueeze(0),
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
        return tensor(ids).view(images.shape[0], images.shape[1], 1, height, width);
    }
}
