namespace DIDD.Matching;

/// <summary>
/// Networks trained on the same images, [N,channels,H,W] and normalised, from different starts, and their weights after every epoch, which shows each image as
/// often as the others, but for one. An expert is trained when it is first asked for. Images of another role draw other numbers.
/// </summary>
internal sealed class ExpertTrajectories(TrajectorySettings settings, MatchingDomain domain, Tensor images, Tensor labels, int shown, int role) : IDisposable
{
    private readonly Dictionary<int, List<Tensor[]>> _experts = [];
    private readonly Tensor _images = images.DetachFromDisposeScope(), _labels = labels.DetachFromDisposeScope();

    /// <summary>Draws a part of a trajectory: the weights at its start, and after them those at its end.</summary>
    public IReadOnlyList<Tensor> Draw(RandomStream numbers)
    {
        var (expert, start) = (numbers.NextInteger(0, settings.Experts), numbers.NextInteger(0, settings.LatestStart));
        if (!_experts.TryGetValue(expert, out var epochs))
            _experts[expert] = epochs = Train(expert);
        return [.. epochs[start], .. epochs[start + settings.Span]];
    }

    public void Dispose()
    {
        foreach (var weight in _experts.Values.SelectMany(epochs => epochs.SelectMany(weights => weights)))
            weight.Dispose();
        _images.Dispose();
        _labels.Dispose();
    }

    private List<Tensor[]> Train(int expert)
    {
        using var scope = NewDisposeScope();
        var address = 2L * expert + role;
        using var start = domain.Randomness.Generator(Purpose.ExpertNetwork, domain.Index, address);
        using var orders = domain.Randomness.Generator(Purpose.ExpertTraining, domain.Index, address);
        var numbers = domain.Randomness.Stream(Purpose.ExpertTraining, domain.Index, address, 1);
        using var network = domain.Create(start);
        Tensor[] Weights() => [.. network.Weights.Values.Select(weight => weight.detach().clone().DetachFromDisposeScope())];
        var epochs = new List<Tensor[]> { Weights() };
        while (epochs.Count < settings.LatestStart + settings.Span)
        {
            domain.Cancellation.ThrowIfCancellationRequested();
            using var epoch = NewDisposeScope();
            var order = randperm(shown, generator: orders).remainder(_images.shape[0]).to(domain.Device);
            NetworkEpochs.Train(network, settings.LearningRate, _images, _labels, order, settings.BatchSize, domain.Augmentation, numbers);
            epochs.Add(Weights());
        }
        return epochs;
    }
}
