using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Evaluation;

/// <summary>
/// Trains a network from scratch on a synthetic set: SGD with momentum and two drops of the step, an augmentation per image, CutMix (METHOD §5).
/// </summary>
/// <param name="stream">Shape, classes and normalisation of the images.</param>
/// <param name="settings">Settings.</param>
/// <param name="randomness">Source of weights, orders and augmentations.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Trainer(DomainStream stream, EvaluationSettings settings, Randomness randomness, Device? device = null)
{
    private const double Decay = 0.2;

    private readonly Device _device = device ?? CPU;
    private readonly DiffAugment _augment = new(settings.Augmentation);

    /// <summary>Trains a network, which then is in use, not in training; the caller disposes of it.</summary>
    /// <param name="domain">Index of the domain after which the set was made.</param>
    /// <param name="index">Number of the network; with the domain, its address: the same address gives the same network.</param>
    /// <param name="set">The set.</param>
    /// <param name="progress">Takes the number of epochs done.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    public ConvNet Train(int domain, int index, SyntheticSet set, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var generator = randomness.Generator(Purpose.EvaluationNetwork, domain, index);
        using var orders = randomness.Generator(Purpose.EvaluationTraining, domain, index, 0);
        var draws = randomness.Stream(Purpose.EvaluationTraining, domain, index, 1);
        var network = new ConvNet(settings.Network, stream.Shape, stream.Classes.Count, generator, _device, trainable: true);
        using var optimizer = optim.SGD(network.Weights.Values, settings.LearningRate, settings.Momentum, weight_decay: settings.WeightDecay);

        var decoded = set.Decode().to(_device);
        var images = stream.Normalization.Apply(decoded).flatten(0, 1);
        var labels = arange(decoded.shape[0], dtype: ScalarType.Int64, device: _device).repeat_interleave(decoded.shape[1]);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = settings.LearningRate * Math.Pow(Decay, (epoch >= settings.Epochs * 2 / 3 ? 1 : 0) + (epoch >= settings.Epochs * 5 / 6 ? 1 : 0));
            using var epochScope = NewDisposeScope();
            var order = randperm(images.shape[0], generator: orders).to(_device);
            for (long start = 0; start < images.shape[0]; start += settings.BatchSize)
            {
                var batch = order.narrow(0, start, Math.Min(settings.BatchSize, images.shape[0] - start));
                optimizer.zero_grad();
                Loss(network, images.index_select(0, batch), labels.index_select(0, batch), draws).backward();
                optimizer.step();
            }
            progress?.Invoke(epoch + 1);
        }
        network.Training = false;
        return network;
    }

    private Tensor Loss(ConvNet network, Tensor images, Tensor labels, RandomStream numbers)
    {
        Tensor inputs, order;
        var kept = 1.0;
        using (no_grad())
        {
            var draw = _augment.DrawEach(numbers, (int)images.shape[0], stream.Shape, _device);
            inputs = _augment.Apply(images.unsqueeze(1), draw).squeeze(1).contiguous();
            order = arange(images.shape[0], device: _device).roll(numbers.NextInteger(0, (int)images.shape[0]));
            if (numbers.NextDouble() < settings.CutMix)
                kept = CutMix.Apply(inputs, order, numbers);
        }
        var logits = network.Logits(network.Features(inputs));
        var loss = F.cross_entropy(logits, labels);
        return kept == 1 ? loss : loss * kept + F.cross_entropy(logits, labels.index_select(0, order)) * (1 - kept);
    }
}
