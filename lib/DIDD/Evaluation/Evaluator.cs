using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DIDD.Evaluation;

/// <summary>
/// Trains networks from scratch on a synthetic set and tests each on all domains, seen and not yet seen: the clean protocol (METHOD §5). Last
/// epoch, one normalisation for training and test images.
/// </summary>
/// <param name="stream">The domains.</param>
/// <param name="settings">Settings.</param>
/// <param name="randomness">Source of weights, orders and augmentations.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Evaluator(DomainStream stream, EvaluationSettings settings, Randomness randomness, Device? device = null)
{
    private const double Decay = 0.2;
    private const int TestBatch = 1000;

    private readonly Device _device = device ?? CPU;
    private readonly DiffAugment _augment = new(settings.Augmentation);

    /// <summary>Accuracy of every network on every domain, per cent, [networks][T].</summary>
    /// <param name="domain">Index of the domain after which the set was made; part of the networks' addresses.</param>
    /// <param name="set">The set.</param>
    /// <param name="progress">Takes the number of epochs done, over all networks.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    public IReadOnlyList<IReadOnlyList<double>> Evaluate(int domain, SyntheticSet set, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var networks = new List<Network>();
        try
        {
            for (var n = 0; n < settings.Networks; n++)
            {
                var done = n * settings.Epochs;
                networks.Add(Train(domain, n, set, epoch => progress?.Invoke(done + epoch), cancellation));
            }
            var accuracies = networks.Select(_ => new List<double>()).ToList();
            for (var k = 0; k < stream.Domains.Count; k++)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var (list, accuracy) in accuracies.Zip(Test(networks, stream.Test(k))))
                    list.Add(accuracy);
            }
            return accuracies;
        }
        finally
        {
            networks.ForEach(network => network.Dispose());
        }
    }

    private ConvNet Train(int domain, int index, SyntheticSet set, Action<int> progress, CancellationToken cancellation)
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
            progress(epoch + 1);
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

    private double[] Test(List<Network> networks, DomainSet test)
    {
        using var noGradient = no_grad();
        var indices = test.Stratified(settings.TestImages);
        var correct = new long[networks.Count];
        foreach (var batch in indices.Chunk(TestBatch))
        {
            using var scope = NewDisposeScope();
            var images = stream.Normalization.Apply(test.Images(tensor(batch)).to(_device).to(ScalarType.Float32) / 255);
            var labels = tensor([.. batch.Select(i => (long)test.Labels[(int)i])], device: _device);
            for (var n = 0; n < networks.Count; n++)
                correct[n] += networks[n].Logits(networks[n].Targets(images)).argmax(1).eq(labels).sum().item<long>();
        }
        return [.. correct.Select(c => 100.0 * c / indices.Length)];
    }
}
