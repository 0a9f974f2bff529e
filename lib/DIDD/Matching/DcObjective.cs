using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>
/// DC (Zhao et al. 2021): the gradient of the cross-entropy in a network's weights shall be the same on synthetic as on other images, class by class
/// (<see cref="GradientDistance"/>, METHOD §9), while the network is trained on the synthetic set between the steps. Its gradient is a double backward. The set starts from noise.
/// </summary>
internal class DcObjective(GradientMatchingSettings settings) : MatchingObjective
{
    public static ObjectiveEntry Entry { get; } = new("dc", settings => new DcObjective(settings.Gradients ?? new()))
    {
        Row = 2,
        Start = new(1000, (_, isPaper) => isPaper ? 0.01 : 0.1),
        Section = "gradientMatching",
        Augmentation = "none",
    };

    private const string WeightsName = "objective.";

    private readonly Dictionary<string, Tensor> _trained = [];
    private MatchingDomain? _domain;

    public override NetworkNeed Need => NetworkNeed.TrainedBetweenSteps;

    public override bool StartsFromNoise => true;

    public override int StepsPerNetwork => settings.OuterLoops;

    public override void Begin(MatchingDomain domain) => _domain = domain;

    public override ExpertDraw? Draw(Network network, RandomStream numbers, int? stepIndex)
    {
        if (stepIndex % settings.OuterLoops > 0)
            network.Load(_trained, WeightsName);
        return null;
    }

    public override IReadOnlyList<Tensor> Target(IterationDraws draws, bool previous, Func<Tensor> images) => Gradients(draws.Network, images(), differentiable: false);

    public override IReadOnlyList<Tensor> Losses(Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets)
    {
        var gradients = Gradients(network, images, differentiable: true);
        return [.. targets.Select(target => GradientDistance.Between(gradients, target, settings.Metric))];
    }

    public override void EndStep(Network network, int stepIndex, Func<Tensor> images)
    {
        Forget();
        if ((stepIndex + 1) % settings.OuterLoops == 0)
            return;
        using var scope = NewDisposeScope();
        var (domain, inputs) = (_domain!, images());
        using var orders = domain.Randomness.Generator(Purpose.MatchingTraining, domain.Index, stepIndex);
        var numbers = domain.Randomness.Stream(Purpose.MatchingTraining, domain.Index, stepIndex, 1);
        var labels = NetworkEpochs.Labels(inputs);
        for (var epoch = 0; epoch < settings.InnerLoops; epoch++)
            NetworkEpochs.Train(
                network, settings.LearningRate, inputs.flatten(0, 1), labels, randperm(labels.shape[0], generator: orders).to(domain.Device), settings.BatchSize, domain.Augmentation, numbers);
        foreach (var (name, weight) in network.Weights)
            _trained[WeightsName + name] = weight.detach().clone().DetachFromDisposeScope();
    }

    public override void Save(IDictionary<string, Tensor> state)
    {
        foreach (var (name, weight) in _trained)
            state[name] = weight;
    }

    public override void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (var (name, weight) in state.Where(kept => kept.Key.StartsWith(WeightsName, StringComparison.Ordinal)))
            _trained[name] = weight.clone().DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    // Per layer those of all classes, [C,outputs,…].
    private List<Tensor> Gradients(Network network, Tensor images, bool differentiable)
    {
        var classes = images.unbind(0).Select((x, c) => GradientDistance.Gradients(
            network, x, full([x.shape[0]], c, dtype: ScalarType.Int64, device: x.device), differentiable, settings.Metric)).ToList();
        return [.. classes[0].Select((_, layer) => stack([.. classes.Select(gradients => gradients[layer])]))];
    }

    private void Forget()
    {
        foreach (var weight in _trained.Values)
            weight.Dispose();
        _trained.Clear();
    }
}
