using DIDD.Data;
using DIDD.Distillation;
using DIDD.Networks;
using static TorchSharp.torch;

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
    private const int TestBatch = 1000;

    private readonly Device _device = device ?? CPU;
    private readonly Trainer _trainer = new(stream, settings, randomness, device);

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
                networks.Add(_trainer.Train(domain, n, set, epoch => progress?.Invoke(done + epoch), cancellation));
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
