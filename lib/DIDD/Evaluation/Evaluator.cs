using DIDD.Data;
using DIDD.Matching;
using DIDD.Networks;
using DIDD.Synthetic;

namespace DIDD.Evaluation;

/// <summary>Trains networks from scratch on a synthetic set and tests them on the domains, by the settings' <see cref="Protocol"/>.</summary>
/// <param name="stream">The domains.</param>
/// <param name="settings">Settings.</param>
/// <param name="randomness">Source of weights, orders and augmentations.</param>
/// <param name="device">Where to compute; the CPU by default.</param>
public sealed class Evaluator(DomainStream stream, EvaluationSettings settings, Randomness randomness, Device? device = null) : IDisposable
{
    private const int TestBatch = 1000;

    private readonly Device _device = device ?? CPU;
    private readonly NetworkTraining _training = new(settings, stream.Shape, stream.Classes.Count, randomness, device);
    private readonly List<Network> _inUse = [];
    private int _trainedOn;

    /// <summary>Opens the set after an earlier domain, for protocol replay: a run that goes on in the middle trains its networks once more up to there.</summary>
    public Func<int, SyntheticSet>? SetAfter { get; init; }

    /// <summary>Accuracy of the networks on every domain, per cent, [networks][T]; null where the protocol does not measure.</summary>
    /// <param name="domain">Index of the domain after which the set was made; part of the networks' addresses.</param>
    /// <param name="set">The set.</param>
    /// <param name="progress">Takes the number of epochs done, of <see cref="EvaluationSettings.EpochsAfter"/>.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    public IReadOnlyList<IReadOnlyList<double?>> Evaluate(int domain, SyntheticSet set, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Decoded(set);
        return settings.Protocol switch
        {
            Protocol.Clean => Clean(domain, stream.Normalization.Apply(images), labels, progress, cancellation),
            Protocol.Official => Official(domain, stream.OfficialNormalization.Training?.Apply(images) ?? images, labels, progress, cancellation),
            _ => Replay(domain, images, labels, progress, cancellation),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _inUse.ForEach(network => network.Dispose());

    private (Tensor Images, Tensor Labels) Decoded(SyntheticSet set)
    {
        var decoded = set.Decode().to(_device);
        return (decoded.flatten(0, 1), NetworkEpochs.Labels(decoded));
    }

    private List<List<double?>> Clean(int domain, Tensor images, Tensor labels, Action<int>? progress, CancellationToken cancellation)
    {
        var networks = new List<Network>();
        try
        {
            for (var n = 0; n < settings.Networks; n++)
            {
                var done = n * settings.Epochs;
                networks.Add(_training.Train(images, labels, domain, n, epochDone: (epoch, _) => progress?.Invoke(done + epoch), cancellation: cancellation));
            }
            return OnAllDomains(networks, cancellation);
        }
        finally
        {
            networks.ForEach(network => network.Dispose());
        }
    }

    private List<List<double?>> OnAllDomains(List<Network> networks, CancellationToken cancellation)
    {
        var accuracies = networks.Select(_ => new List<double?>()).ToList();
        for (var k = 0; k < stream.Domains.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (list, accuracy) in accuracies.Zip(Test(networks, stream.Test(k), settings.TestImages, stream.Normalization, _device)))
                list.Add(accuracy);
        }
        return accuracies;
    }

    private List<List<double?>> Replay(int domain, Tensor images, Tensor labels, Action<int>? progress, CancellationToken cancellation)
    {
        for (; _trainedOn < domain; _trainedOn++)
        {
            using var set = SetAfter?.Invoke(_trainedOn) ?? throw new InvalidOperationException($"replay goes on from domain {_trainedOn}; the set after domain {_trainedOn + 1} is needed");
            using var scope = NewDisposeScope();
            var (before, theirs) = Decoded(set);
            TrainOn(_trainedOn, before, theirs, null, cancellation);
        }
        TrainOn(_trainedOn++, images, labels, progress, cancellation);
        return OnAllDomains(_inUse, cancellation);
    }

    private void TrainOn(int domain, Tensor images, Tensor labels, Action<int>? progress, CancellationToken cancellation)
    {
        var real = stream.Train(domain);
        for (var n = 0; n < settings.Networks; n++)
        {
            var done = n * settings.Epochs;
            var network = _training.Train(
                stream.Normalization.Apply(images), labels, domain, n, epochDone: (epoch, _) => progress?.Invoke(done + epoch), cancellation: cancellation,
                from: _inUse.ElementAtOrDefault(n), beside: (count, generator) => Batch(real, count, generator));
            if (_inUse.Count == n)
                _inUse.Add(network);
        }
    }

    private (Tensor Images, Tensor Labels) Batch(DomainSet real, long count, Generator generator)
    {
        using var drawn = randint(real.Count, count, dtype: ScalarType.Int64, generator: generator);
        var images = real.Scaled(drawn, _device);
        return (stream.Normalization.Apply(images), tensor([.. drawn.data<long>().Select(i => (long)real.Labels[(int)i])], device: _device));
    }

    private List<List<double?>> Official(int domain, Tensor images, Tensor labels, Action<int>? progress, CancellationToken cancellation)
    {
        int[] tested = [settings.Epochs / 3, settings.Epochs * 2 / 3, settings.Epochs];
        var accuracies = Enumerable.Range(0, settings.Networks).Select(_ => new List<double?>()).ToList();
        var done = 0;
        for (var k = 0; k < stream.Domains.Count; k++)
            foreach (var (n, list) in accuracies.Index())
            {
                if (k > domain)
                {
                    list.Add(null);
                    continue;
                }
                var (test, best) = (stream.Test(k), 0.0);
                using var network = _training.Train(images, labels, domain, n, role: 1 + k, (epoch, network) =>
                {
                    if (tested.Contains(epoch))
                    {
                        network.Training = false;
                        best = Math.Max(best, Test([network], test, settings.TestImages, stream.OfficialNormalization.Test, _device)[0]);
                        network.Training = true;
                    }
                    progress?.Invoke(++done);
                }, cancellation: cancellation);
                list.Add(best);
            }
        return accuracies;
    }

    // Accuracy of each network on images of a domain, as many as are asked for, per cent.
    internal static double[] Test(List<Network> networks, DomainSet test, int testImages, Normalization? normalization, Device device)
    {
        using var noGradient = no_grad();
        var indices = test.Stratified(testImages);
        var correct = new long[networks.Count];
        foreach (var batch in indices.Chunk(TestBatch))
        {
            using var scope = NewDisposeScope();
            var pixels = test.Scaled(tensor(batch), device);
            var images = normalization?.Apply(pixels) ?? pixels;
            var labels = tensor([.. batch.Select(i => (long)test.Labels[(int)i])], device: device);
            for (var n = 0; n < networks.Count; n++)
                correct[n] += networks[n].Logits(networks[n].Embed(images)).argmax(1).eq(labels).sum().item<long>();
        }
        return [.. correct.Select(c => 100.0 * c / indices.Length)];
    }
}
