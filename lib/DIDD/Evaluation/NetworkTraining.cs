using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Networks;

namespace DIDD.Evaluation;

/// <summary>
/// Trains a network from scratch: SGD with momentum and weight decay, ×0.2 at two thirds and five sixths of the epochs, augmentation per image,
/// CutMix per step (METHOD §5).
/// </summary>
internal sealed class NetworkTraining(EvaluationSettings settings, ImageShape shape, int classes, Randomness randomness, Device? device = null)
{
    private const double Decay = 0.2;

    private readonly Device _device = device ?? CPU;
    private readonly DiffAugment _augment = new(settings.Augmentation, settings.OneOfAll);

    /// <summary>
    /// Trains a network of a domain, by its index and role, which are part of its address, on images [N,channels,H,W] as the network shall see them before
    /// augmentation, normalised or not, and labels [N], 64-bit: a new one, or one that is given, which is changed. Every step takes as many images again from
    /// <paramref name="beside"/>, if there is one. The network is no longer in training mode; the caller disposes of it.
    /// </summary>
    /// <exception cref="DivergenceException">A weight is not finite in the end.</exception>
    public Network Train(
        Tensor images, Tensor labels, int domain, int index, int role = 0, Action<int, Network>? epochDone = null, Network? from = null,
        Func<long, Generator, (Tensor Images, Tensor Labels)>? beside = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var generator = randomness.Generator(Purpose.EvaluationNetwork, domain, index, role);
        using var orders = randomness.Generator(Purpose.EvaluationTraining, domain, index, 2L * role);
        var draws = randomness.Stream(Purpose.EvaluationTraining, domain, index, 2L * role + 1);
        var network = from ?? ArchitectureEntry.ByName[settings.Architecture].Create(settings.Network, shape, classes, generator, _device, trainable: true);
        network.Training = true;
        try
        {
            using var optimizer = optim.SGD(network.Weights.Values, settings.LearningRate, settings.Momentum, weight_decay: settings.WeightDecay);
            for (var epoch = 0; epoch < settings.Epochs; epoch++)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var group in optimizer.ParamGroups)
                    group.LearningRate = settings.LearningRate * Math.Pow(Decay, (epoch >= settings.Epochs * 2 / 3 ? 1 : 0) + (epoch >= settings.Epochs * 5 / 6 ? 1 : 0));
                using var epochScope = NewDisposeScope();
                var order = randperm(images.shape[0], generator: orders).to(_device);
                for (long start = 0; start < images.shape[0]; start += settings.BatchSize)
                {
                    using var stepScope = NewDisposeScope();
                    var batch = order.narrow(0, start, Math.Min(settings.BatchSize, images.shape[0] - start));
                    var (inputs, targets) = (images.index_select(0, batch), labels.index_select(0, batch));
                    if (beside is not null)
                    {
                        var other = beside(batch.shape[0], orders);
                        (inputs, targets) = (cat([inputs, other.Images]), cat([targets, other.Labels]));
                    }
                    optimizer.zero_grad();
                    Gradients(network, inputs, targets, draws, orders);
                    optimizer.step();
                }
                epochDone?.Invoke(epoch + 1, network);
            }
            network.Training = false;
            RefuseDiverged(network, domain, index);
        }
        catch
        {
            network.Dispose();
            throw;
        }
        return network;
    }

    private void RefuseDiverged(Network network, int domain, int index)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        if (network.Weights.Values.Any(weight => !isfinite(weight).all().item<bool>()))
            throw new DivergenceException($"domain {domain + 1}: training network {index + 1} on the set diverged, its weights are not finite; lower evaluation.learningRate ({settings.LearningRate})");
    }

    // Adds the gradients of one batch to the weights'.
    private void Gradients(Network network, Tensor images, Tensor labels, RandomStream numbers, Generator orders)
    {
        Tensor inputs, order;
        var kept = 1.0;
        using (no_grad())
        {
            var draw = _augment.DrawEach(numbers, (int)images.shape[0], shape, _device);
            inputs = _augment.Apply(images.unsqueeze(1), draw).squeeze(1).contiguous();
            order = settings.Protocol == Protocol.Official
                ? randperm(images.shape[0], generator: orders).to(_device)
                : arange(images.shape[0], device: _device).roll(numbers.NextInteger(0, (int)images.shape[0]));
            if (numbers.NextDouble() < settings.CutMix)
                kept = CutMix.Apply(inputs, order, numbers);
        }
        var pass = network.Pass(inputs);
        var features = pass.Features.requires_grad_();
        var logits = network.Logits(features);
        var loss = F.cross_entropy(logits, labels);
        (kept == 1 ? loss : loss * kept + F.cross_entropy(logits, labels.index_select(0, order)) * (1 - kept)).backward();
        pass.ToWeights(features.grad!);
    }
}
