using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>
/// MTT (Cazenavette et al. 2022): N steps of SGD on the synthetic images shall lead from where an expert was, θ*_s, to where it was M epochs later: L =
/// ‖θ_N − θ*_{s+M}‖² / ‖θ*_s − θ*_{s+M}‖² (METHOD §9). The size of the steps is learnt. For L_plastic experts are trained on D_t, for L_stable on X̂_{t−1}.
/// </summary>
/// <remarks>
/// θ_N = θ_0 − η·Σ g_i, so that the gradient goes back through one step at a time, as in TESLA (Cui et al. 2023): no more than the weights of every step are
/// kept, 4 bytes each, and the graph of one. Unlike TESLA it also follows how θ_i depends on the images through the steps before, so that it is the gradient of the unrolled loss.
/// </remarks>
internal sealed class MttObjective(TrajectorySettings settings) : MatchingObjective
{
    public static ObjectiveEntry Entry { get; } = new("mtt", settings => new MttObjective(settings.Trajectories ?? new()))
    {
        Row = 4,
        Start = new(5000, (_, isPaper) => isPaper ? 100 : 30),
        Section = "trajectories",
    };

    private const string StepSizeName = "objective.stepSize", VelocityName = "objective.stepSize.velocity";
    private const double Momentum = 0.5;

    // What one step may change of the step size, and how far it may go from its start: beyond, training explodes or stands still.
    private const double LargestChange = 0.1, LargestFactor = 10;

    private ExpertTrajectories? _plastic, _stable;
    private double _velocity, _gradient;

    /// <summary>η of the steps on synthetic images.</summary>
    public double StepSize { get; private set; } = settings.StepSize;

    public override NetworkNeed Need => NetworkNeed.ExpertTrajectory;

    public override bool KeepsClassesApart => false;

    public override void Begin(MatchingDomain domain)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var real = domain.Stream.Train(domain.Index);
        var chosen = real.Stratified(settings.ImagesPerClass * real.ByClass.Count);
        var pixels = real.Scaled(tensor(chosen), domain.Device);
        var labels = tensor(chosen.Select(i => (long)real.Labels[(int)i]).ToArray(), device: domain.Device);
        _plastic = new ExpertTrajectories(settings, domain, domain.Stream.Normalization.Apply(pixels), labels, chosen.Length, role: 0);
        if (domain.Previous is { } previous)
            _stable = new ExpertTrajectories(settings, domain, domain.Stream.Normalization.Apply(previous).flatten(0, 1), NetworkEpochs.Labels(previous), chosen.Length, role: 1);
    }

    public override ExpertDraw? Draw(Network network, RandomStream numbers, int? stepIndex)
    {
        var draw = new ExpertDraw(_plastic!.Draw(numbers), _stable?.Draw(numbers));
        Set(network, draw.Plastic);
        return draw;
    }

    public override IReadOnlyList<Tensor> Target(IterationDraws draws, bool previous, Func<Tensor> images) => previous ? draws.Experts!.Stable! : draws.Experts!.Plastic;

    public override IReadOnlyList<Tensor> Losses(Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets) => [.. targets.Select(target =>
    {
        var (loss, gradient, _) = Unrolled(network, images, target);
        return loss + (gradient * (images - images.detach())).sum();
    })];

    public override (IReadOnlyList<Tensor> Losses, IReadOnlyList<Tensor> Gradients) Differentiate(
        Network network, Tensor images, IReadOnlyList<IReadOnlyList<Tensor>> targets, bool together)
    {
        var found = targets.Select(target => Unrolled(network, images, target)).ToList();
        if (!together)
            _gradient += found.Sum(each => each.StepSize.to(ScalarType.Float64).item<double>());
        var gradients = found.Select(each => each.Images).ToList();
        return ([.. found.Select(each => each.Loss)], together ? [gradients.Aggregate((sum, gradient) => sum + gradient)] : gradients);
    }

    /// <summary>Moves the step size.</summary>
    public override void EndStep(Network network, int stepIndex, Func<Tensor> images)
    {
        _velocity = Momentum * _velocity + _gradient;
        _gradient = 0;
        var change = Math.Clamp(-settings.StepSizeLearningRate * _velocity, -LargestChange * StepSize, LargestChange * StepSize);
        // What is not a number changes nothing here; the loss, which is none either, ends the run.
        if (double.IsFinite(change))
            StepSize = Math.Clamp(StepSize + change, settings.StepSize / LargestFactor, settings.StepSize * LargestFactor);
    }

    public override void Save(IDictionary<string, Tensor> state) => (state[StepSizeName], state[VelocityName]) = (tensor(StepSize), tensor(_velocity));

    public override void Restore(IReadOnlyDictionary<string, Tensor> state) => (StepSize, _velocity) = (state[StepSizeName].item<double>(), state[VelocityName].item<double>());

    /// <summary>The loss of a training on synthetic images, its gradient in the images and in the size of the steps.</summary>
    /// <param name="network">A network, trainable; its weights are those of the start afterwards.</param>
    /// <param name="images">[N,channels,H,W], normalised.</param>
    /// <param name="labels">[N], 64-bit.</param>
    /// <param name="target">The weights at the start, and after them those at the end.</param>
    /// <param name="stepSize">η.</param>
    /// <param name="batches">Indices of the images of every step.</param>
    internal static (Tensor Loss, Tensor Images, Tensor StepSize) Differentiate(
        Network network, Tensor images, Tensor labels, IReadOnlyList<Tensor> target, double stepSize, IReadOnlyList<Tensor> batches)
    {
        using var scope = NewDisposeScope();
        using var enabled = enable_grad();
        Tensor[] weights = [.. network.Weights.Values];
        if (target.Count != 2 * weights.Length || !weights.All(weight => weight.requires_grad))
            throw new ArgumentException("the expert's weights are not those of the network, or it is frozen; create it as trainable, of the expert's size", nameof(network));
        Tensor Loss(Tensor inputs, Tensor batch) => nn.functional.cross_entropy(network.Logits(network.Features(inputs)), labels.index_select(0, batch));
        var (path, goal) = (new List<Tensor[]> { target.Take(weights.Length).ToArray() }, target.Skip(weights.Length).ToList());
        foreach (var batch in batches)
        {
            using var step = NewDisposeScope();
            Set(network, path[^1]);
            var gradients = autograd.grad([Loss(images.index_select(0, batch), batch)], weights);
            path.Add([.. path[^1].Zip(gradients, (weight, gradient) => (weight - stepSize * gradient).MoveToOuterDisposeScope())]);
        }
        Tensor Distance(Tensor[] from) => from.Zip(goal, (weight, end) => (weight - end).square().sum()).Aggregate((sum, each) => sum + each);
        var scale = Distance(path[0]);
        var loss = Distance(path[^1]) / scale;
        // ∂L/∂θ_i, from the last to the first.
        var adjoint = path[^1].Zip(goal, (weight, end) => 2 * (weight - end) / scale).ToArray();
        var (imageGradient, stepGradient) = (zeros_like(images), zeros_like(loss));
        for (var i = batches.Count - 1; i >= 0; i--)
        {
            using var step = NewDisposeScope();
            Set(network, path[i]);
            var x = images.index_select(0, batches[i]).detach().requires_grad_();
            var gradients = autograd.grad([Loss(x, batches[i])], weights, retain_graph: true, create_graph: true);
            stepGradient.sub_(gradients.Zip(adjoint, (gradient, each) => (gradient.detach() * each).sum()).Aggregate((sum, each) => sum + each));
            var back = autograd.grad([.. gradients], [x, .. weights], [.. adjoint.Select(each => -stepSize * each)]);
            imageGradient.index_add_(0, batches[i], back[0], 1);
            adjoint = [.. adjoint.Zip(back.Skip(1), (each, more) => (each + more).MoveToOuterDisposeScope())];
        }
        return (loss.MoveToOuterDisposeScope(), imageGradient.MoveToOuterDisposeScope(), stepGradient.MoveToOuterDisposeScope());
    }

    public override void Dispose()
    {
        _plastic?.Dispose();
        _stable?.Dispose();
        base.Dispose();
    }

    // All images in every step; [C,m,channels,H,W].
    private (Tensor Loss, Tensor Images, Tensor StepSize) Unrolled(Network network, Tensor images, IReadOnlyList<Tensor> target)
    {
        var (flat, labels) = (images.detach().flatten(0, 1), NetworkEpochs.Labels(images));
        var all = arange(flat.shape[0], dtype: ScalarType.Int64, device: flat.device);
        var (loss, gradient, stepSize) = Differentiate(network, flat, labels, target, StepSize, [.. Enumerable.Repeat(all, settings.Steps)]);
        return (loss, gradient.view(images.shape), stepSize);
    }

    private static void Set(Network network, IReadOnlyList<Tensor> weights)
    {
        using var noGradient = no_grad();
        foreach (var (weight, value) in network.Weights.Values.Zip(weights))
            weight.copy_(value);
    }
}
