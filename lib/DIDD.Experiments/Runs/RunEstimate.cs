namespace DIDD.Experiments;

/// <summary>What a run will take, before its first iteration: memory from the shapes, time from a short warm-up.</summary>
/// <param name="Bytes">Largest memory, bytes, of the machine or of the card; about, rather too much than too little.</param>
/// <param name="Has">What the machine or card has, bytes; null where that is not known.</param>
/// <param name="Time">Time from the start, about; null where the memory does not suffice for the warm-up.</param>
public sealed record RunEstimate(double Bytes, double? Has, TimeSpan? Time)
{
    private const int WarmUpImages = 32, Float = sizeof(float);

    // Of an activation there are the convolution's output, its gradient and what the library makes of them meanwhile.
    private const int CopiesOfActivations = 3;

    // Of trained weights there are gradient and velocity; of all, what initialisation draws meanwhile.
    private const int CopiesOfTrainedWeights = 3, CopiesOfFrozenWeights = 2;

    /// <summary>Whether it exceeds what the machine or card has.</summary>
    public bool TooMuch => Bytes > Has;

    /// <summary>Says it, and refuses what cannot be.</summary>
    /// <exception cref="SpecException">More memory is needed than there is.</exception>
    internal void Announce(Action<RunEstimate>? say, bool force)
    {
        if (TooMuch && !force)
            throw new SpecException($"{this}: more than there is; lower network.width, ipc or realImages, or go on all the same with --force");
        say?.Invoke(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"needs about {Gigabytes(Bytes)} of memory{(Has is { } has ? $" (there are {Gigabytes(has)})" : "")}";

    private static string Gigabytes(double bytes) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / (1 << 30):0.0} GB");

    /// <summary>Estimates a run whose data are loaded. Iterations are those of a domain, or all of a learner of all domains at once; the sets of shards are not evaluated.</summary>
    internal static RunEstimate Of(RunSpec spec, DomainStream stream, int iterations, bool joint, bool evaluates, Device device)
    {
        double classes = stream.Classes.Count, synthetic = classes * spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor, real = classes * spec.Distillation.RealImages;
        double pixels = stream.Shape.Channels * stream.Shape.Height * stream.Shape.Width;
        var (distilling, evaluating) = (ConvNet.Layers(spec.Distillation.Network, stream.Shape), ConvNet.Layers(spec.Evaluation.Network, stream.Shape));
        var distils = iterations > 1;
        double Images(double count, IReadOnlyList<Convolution> layers) => count * (pixels + CopiesOfActivations * layers.Max(Outputs)) * Float;
        var step = distils ? CopiesOfFrozenWeights * Weights(distilling, classes) * Float + Images(synthetic * 2, distilling) + real * pixels * Float * CopiesOfActivations + Images(Math.Min(real, WarmUpImages), distilling) : 0;
        // Beside the set's images a network that replays it is trained on as many new ones.
        var beside = spec.Evaluation.Protocol == Protocol.Replay ? 2 : 1;
        var training = evaluates ? (CopiesOfTrainedWeights + spec.Evaluation.Networks) * Weights(evaluating, classes) * Float + Images(Math.Min(synthetic, spec.Evaluation.BatchSize) * beside, evaluating) : 0;
        var bytes = Math.Max(step, training) + (device.type == DeviceType.CUDA ? 0 : Environment.WorkingSet);
        var estimate = new RunEstimate(bytes, Memory(device), null);
        if (estimate.TooMuch)
            return estimate;
        var stages = joint ? 1 : spec.Domains;
        var passes = distils ? (double)iterations * stages * Passes(spec, (long)classes, spec.Rule, spec.Rule == "asymmetric" ? spec.Meta.Draw : null) : 0;
        var epochs = evaluates ? (joint ? spec.Evaluation.EpochsAfter(spec.Domains - 1) : Enumerable.Range(0, spec.Domains).Sum(spec.Evaluation.EpochsAfter)) : 0;
        // A step of training is a forward and twice its work for the gradients.
        var seconds = (passes > 0 ? passes * SecondsPerImage(ConvNet.Entry.Name, spec.Distillation.Network, stream, device) : 0)
            + (epochs > 0 ? 3 * epochs * synthetic * beside * SecondsPerImage(spec.Evaluation.Architecture, spec.Evaluation.Network, stream, device) : 0);
        return estimate with { Time = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2)) };
    }

    /// <summary>
    /// Images that an iteration passes through the network, a gradient's product counted like a forward. Of the real images a forward, of the synthetic ones a forward
    /// and a product for every gradient; of the previous ones, as many, a forward. The meta step takes a forward and a product of the look-ahead, and with a new
    /// draw the real and previous images once more.
    /// </summary>
    internal static long Passes(RunSpec spec, long classes, string rule, MetaDraw? draw)
    {
        var real = classes * spec.Distillation.RealImages;
        var synthetic = classes * spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor;
        var passes = real + 2 * synthetic;
        if (rule != "finetune")
            passes += 2 * synthetic;
        if (draw is not null)
            passes += 2 * synthetic;
        return draw == MetaDraw.New ? passes + real + synthetic : passes;
    }

    private static double Outputs(Convolution layer) => (double)layer.Filters * layer.OutputHeight * layer.OutputWidth;

    private static double Weights(IReadOnlyList<Convolution> layers, double classes) =>
        layers.Sum(layer => 9.0 * layer.Channels * layer.Filters) + Outputs(layers[^1]) / 4 * classes;

    private static double SecondsPerImage(string architecture, ConvNetSettings settings, DomainStream stream, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator(0);
        using var network = ArchitectureEntry.ByName[architecture].Create(settings, stream.Shape, stream.Classes.Count, generator, device, false);
        var images = zeros(WarmUpImages, stream.Shape.Channels, stream.Shape.Height, stream.Shape.Width, device: device);
        double Seconds()
        {
            using var passScope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            network.Embed(images).sum().item<float>();
            return clock.Elapsed.TotalSeconds;
        }
        Seconds();
        return Seconds() / WarmUpImages;
    }

    private static double? Memory(Device device) => device.type != DeviceType.CUDA ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
        : MachineCheck.Output("nvidia-smi", "--query-gpu=memory.total --format=csv,noheader,nounits") is { } line
            && double.TryParse(line, CultureInfo.InvariantCulture, out var mebibytes)
            ? mebibytes * (1 << 20) : null;
}
