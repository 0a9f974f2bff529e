using System.Diagnostics;
using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Matching;
using DIDD.Networks;
using static TorchSharp.torch;

namespace DIDD.Baselines;

/// <summary>What a set of <see cref="GradientMatcher"/> starts from.</summary>
public enum MatchingStart
{
    /// <summary>Normal numbers with the mean and deviation of the pixels, clamped to [0,1]: DC.</summary>
    Noise,

    /// <summary>Real images, as the start "mix": DSA.</summary>
    Real,
}

/// <summary>
/// Gradient matching, DC (Zhao et al. 2021) and DSA (Zhao, Bilen 2021) by METHOD §9: the images are moved so that the gradient of the
/// cross-entropy in a network's weights is the same on synthetic as on real images, class by class, while the network is trained on the synthetic
/// set. Real and synthetic images of a class share one operation of those that the augmentation names, drawn for every step (DSA); with the
/// augmentation "none" it is DC. As everywhere here pixels are stored before normalisation and clamped to [0,1].
/// </summary>
/// <param name="stream">The domains.</param>
/// <param name="ipc">Stored images per class.</param>
/// <param name="distillation">Iterations, image optimiser, real batch, augmentation, network; its kernel is not used.</param>
/// <param name="settings">The network's training.</param>
/// <param name="start">What the first set starts from.</param>
/// <param name="randomness">Source of all draws.</param>
/// <param name="device">Where to compute.</param>
public sealed class GradientMatcher(
    DomainStream stream, int ipc, DistillationSettings distillation, GradientMatchingSettings settings, MatchingStart start, Randomness randomness, Device device) : Learner
{
    private readonly DiffAugment[] _operations = [.. distillation.Augmentation.Split('_').Select(word => new DiffAugment(word))];
    private readonly MultiFormation _formation = new(distillation.Factor, stream.Shape);

    /// <inheritdoc/>
    public override int Iterations => distillation.Iterations;

    /// <inheritdoc/>
    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        var real = new RealBatches(stream.Train(domain), randomness, domain, distillation.RealImages);
        var images = previous?.Images.to(device).clone() ?? Start(domain, real);
        using var optimizer = new ImageOptimizer(images, distillation.LearningRate, distillation.Momentum, distillation.Schedule, stream.Shard);
        var (first, before) = (checkpoint?.Iteration ?? 0, checkpoint?.Seconds ?? 0);
        if (checkpoint?.State is { } kept)
            optimizer.Restore(kept);
        void Keep(int iteration) => checkpoint!.Write(iteration, before + clock.Elapsed.TotalSeconds, optimizer.Save);
        for (var iteration = first; iteration < Iterations; iteration++)
        {
            if (checkpoint is not null && iteration > first && (checkpoint.IsDue || cancellation.IsCancellationRequested))
                Keep(iteration);
            using var iterationScope = NewDisposeScope();
            using var generator = randomness.Generator(Purpose.DistillationNetwork, domain, iteration);
            using var network = new ConvNet(distillation.Network, stream.Shape, stream.Classes.Count, generator, device, trainable: true);
            var distance = 0.0;
            for (var loop = 0; loop < settings.OuterLoops; loop++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (loop > 0)
                    Train(domain, iteration, loop, network, images);
                distance += Step(domain, iteration * settings.OuterLoops + loop, network, images, optimizer, real) / settings.OuterLoops;
            }
            if (!double.IsFinite(distance))
                throw new DivergenceException(
                    $"domain {domain + 1}, iteration {iteration}: the distance of the gradients is {distance}; lower distillation.learningRate or gradientMatching.learningRate");
            record?.Invoke(new IterationRecord(domain, iteration, distance, null, null, null, null, Math.Round(before + clock.Elapsed.TotalSeconds, 3)));
        }
        if (checkpoint is not null && first < Iterations)
            Keep(Iterations);
        using var noGradient = no_grad();
        return new SyntheticSet(images.clamp(0, 1), distillation.Factor);
    }

    // [C,IPC,channels,H,W].
    private Tensor Start(int domain, RealBatches real)
    {
        if (start == MatchingStart.Real)
            return _formation.Mix(real.Initial(ipc * _formation.Tiles).to(device));
        using var generator = randomness.Generator(Purpose.Initialization, domain);
        var noise = randn([stream.Classes.Count, ipc, stream.Shape.Channels, stream.Shape.Height, stream.Shape.Width], generator: generator).to(device);
        return stream.Normalization.Invert(noise).clamp(0, 1);
    }

    // One step of the images; the mean distance of the classes.
    private double Step(int domain, int step, ConvNet network, Tensor images, ImageOptimizer optimizer, RealBatches real)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            optimizer.Begin();
        var batch = real.At(step).to(device);
        var (gradients, distances) = (new List<Tensor>(), new List<Tensor>());
        for (var c = 0; c < stream.Classes.Count; c++)
        {
            using var classScope = NewDisposeScope();
            var numbers = randomness.Stream(Purpose.Augmentation, domain, step, c);
            var operation = _operations[numbers.NextInteger(0, _operations.Length)];
            var draw = operation.Draw([numbers], stream.Shape, device);
            IReadOnlyList<Tensor> Gradients(Tensor decoded, bool differentiable)
            {
                var inputs = operation.Apply(stream.Normalization.Apply(decoded), draw).squeeze(0);
                return GradientDistance.Gradients(network, inputs, full([inputs.shape[0]], c, dtype: ScalarType.Int64, device: device), differentiable);
            }
            var stored = images.narrow(0, c, 1).detach().requires_grad_();
            var distance = GradientDistance.Between(Gradients(_formation.Decode(stored), true), Gradients(batch.narrow(0, c, 1), false));
            gradients.Add(autograd.grad([distance], [stored])[0].MoveToOuterDisposeScope());
            distances.Add(distance.detach().MoveToOuterDisposeScope());
        }
        using var noGradient = no_grad();
        optimizer.End(cat(gradients));
        return stack(distances).mean().item<float>();
    }

    private void Train(int domain, int iteration, int loop, ConvNet network, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var orders = randomness.Generator(Purpose.MatchingTraining, domain, iteration, 2 * loop);
        var numbers = randomness.Stream(Purpose.MatchingTraining, domain, iteration, 2 * loop + 1);
        using var optimizer = optim.SGD(network.Weights.Values, settings.LearningRate);
        Tensor inputs, labels;
        using (no_grad())
        {
            var decoded = _formation.Decode(images.clamp(0, 1));
            inputs = stream.Normalization.Apply(decoded).flatten(0, 1);
            labels = arange(decoded.shape[0], dtype: ScalarType.Int64, device: device).repeat_interleave(decoded.shape[1]);
        }
        for (var epoch = 0; epoch < settings.InnerLoops; epoch++)
        {
            using var epochScope = NewDisposeScope();
            foreach (var index in randperm(inputs.shape[0], generator: orders).to(device).split(settings.BatchSize))
            {
                using var step = NewDisposeScope();
                var operation = _operations[numbers.NextInteger(0, _operations.Length)];
                var draw = operation.DrawEach(numbers, (int)index.shape[0], stream.Shape, device);
                var augmented = operation.Apply(inputs.index_select(0, index).unsqueeze(1), draw).squeeze(1);
                optimizer.zero_grad();
                nn.functional.cross_entropy(network.Logits(network.Features(augmented)), labels.index_select(0, index)).backward();
                optimizer.step();
            }
        }
    }
}
