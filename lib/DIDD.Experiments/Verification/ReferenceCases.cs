namespace DIDD.Verification;

/// <summary>
/// Compares this implementation with numbers that the authors' code computed, and that of other objectives. A case is a safetensors file: <c>in.*</c> inputs,
/// <c>weight.*</c> network weights, <c>out.*</c> what must come out; its metadata say the kind (<c>case</c>), the settings and the tolerance.
/// </summary>
/// <param name="device">Where to compute; the CPU by default.</param>
/// <param name="images">The folder of the picture files that <c>resize</c> cases name; null where there is none.</param>
public sealed partial class ReferenceCases(Device? device = null, string? images = null)
{
    private readonly Device _device = device ?? CPU;

    /// <summary>Runs one case; whatever goes wrong is its result.</summary>
    public CaseResult Verify(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        try
        {
            using var scope = NewDisposeScope();
            using var file = Safetensors.Read(path);
            var reference = new Case(file, _device);
            if (images is null && reference.Text("case") == "resize")
                return new CaseResult(name, null, null, $"needs pictures that may not be passed on ({reference.Text("root")}); name their folder with --images", Skipped: true);
            var tolerance = double.Parse(reference.Text("tolerance").Split(' ')[0], CultureInfo.InvariantCulture);
            var outputs = Outputs(reference);
            var missing = file.Tensors.Keys.Where(key => key.StartsWith("out.", StringComparison.Ordinal)).Except(outputs.Keys.Select(key => "out." + key)).ToList();
            return missing.Count > 0
                ? new CaseResult(name, null, tolerance, $"{string.Join(", ", missing)} is not computed")
                : new CaseResult(name, outputs.Max(output => Difference(output.Key, output.Value, file["out." + output.Key])), tolerance, null);
        }
        catch (Exception e)
        {
            return new CaseResult(name, null, null, e.Message.Split('\n')[0]);
        }
    }

    private static double Difference(string name, Tensor computed, Tensor expected)
    {
        if (!computed.shape.SequenceEqual(expected.shape))
            throw new DataSetException($"{name} is [{string.Join(',', computed.shape)}], expected [{string.Join(',', expected.shape)}]");
        var difference = (computed.detach().cpu().to(ScalarType.Float64) - expected.to(ScalarType.Float64)).abs().max().item<double>();
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }

    private Dictionary<string, Tensor> Outputs(Case reference) => reference.Text("case") switch
    {
        "mmd" => MmdCase(reference),
        "convnet" => ConvNetCase(reference),
        "decode" => DecodeCase(reference),
        "mix-init" => MixCase(reference),
        "augment" => AugmentCase(reference),
        "distill" => DistillCase(reference),
        "metrics" => MetricsCase(reference),
        "rotate" => RotateCase(reference),
        "resize" => ResizeCase(reference),
        "gradient-distance" => GradientDistanceCase(reference),
        "gradient-matching" => GradientMatchingCase(reference),
        "dc-iteration" => DcCase(reference),
        "mean-matching" => MeanMatchingCase(reference),
        "trajectory-matching" => TrajectoryCase(reference),
        "expert" => ExpertCase(reference),
        var kind => throw new DataSetException($"unknown kind of case '{kind}'"),
    };

    private static Dictionary<string, Tensor> MmdCase(Case reference)
    {
        var synthetic = reference.Input("synthetic").requires_grad_();
        var loss = KernelEntry.ByName[reference.Text("kernel")].Create().Mmd(synthetic.unsqueeze(0), reference.Input("real").unsqueeze(0));
        return new() { ["loss"] = loss, ["gradient"] = autograd.grad([loss.sum()], [synthetic])[0] };
    }

    private static Dictionary<string, Tensor> ConvNetCase(Case reference)
    {
        using var network = reference.ConvNet("weight.");
        var images = reference.Input("images").requires_grad_();
        var features = network.Features(images);
        var logits = network.Logits(features);
        var loss = features.square().mean() + logits.sum();
        return new() { ["features"] = features, ["logits"] = logits, ["gradient"] = autograd.grad([loss], [images])[0] };
    }

    private static Dictionary<string, Tensor> DecodeCase(Case reference)
    {
        var formation = new MultiFormation(reference.Whole("factor"), ImageShape.Of(reference.Input("images")));
        return new()
        {
            ["images"] = formation.Decode(reference.Input("images").unsqueeze(0)).squeeze(0),
            ["labels"] = reference.Input("labels").repeat(formation.Tiles),
        };
    }

    private static Dictionary<string, Tensor> MixCase(Case reference)
    {
        var real = reference.Input("real");
        return new() { ["images"] = new MultiFormation(reference.Whole("factor"), ImageShape.Of(real)).Mix(real).flatten(0, 1) };
    }

    private static Dictionary<string, Tensor> AugmentCase(Case reference)
    {
        var images = reference.Input("images").unsqueeze(0);
        var uniform = reference.Numbers("uniform").Select(u => tensor([(float)u], device: images.device)).ToList();
        var integers = reference.Numbers("integers").Select(i => tensor([(float)i], device: images.device)).ToList();
        var augmented = reference.Text("operation") switch
        {
            "flip" or "noflip" => ImageOperations.Flip(images, uniform[0]),
            "brightness" => ImageOperations.Brightness(images, uniform[0]),
            "saturation" => ImageOperations.Saturation(images, uniform[0]),
            "contrast" => ImageOperations.Contrast(images, uniform[0]),
            "crop" => ImageOperations.Crop(images, integers[0], integers[1]),
            "scale" => ImageOperations.Scale(images, uniform[0], uniform[1]),
            "rotate" => ImageOperations.Rotate(images, uniform[0]),
            "cutout" => ImageOperations.Cutout(images, integers[0], integers[1]),
            var operation => throw new DataSetException($"unknown operation '{operation}'"),
        };
        return new() { ["images"] = augmented.squeeze(0) };
    }

    private static Dictionary<string, Tensor> DistillCase(Case reference)
    {
        var (classes, factor) = (reference.Whole("classes"), reference.Whole("factor"));
        var (alphaRange, betaRange) = (reference.Numbers("alphaRange"), reference.Numbers("betaRange"));
        var settings = new DistillationSettings
        {
            LearningRate = reference.Number("learningRate"),
            Momentum = reference.Number("momentum"),
            Factor = factor,
            Kernel = reference.Text("kernel"),
            Augmentation = reference.Text("augmentation"),
            Schedule = reference.Text("schedule") == "class-sequential" ? Schedule.ClassSequential : throw new DataSetException($"unknown schedule '{reference.Text("schedule")}'"),
        };
        var rates = new AsymmetricSettings(
            true, alphaRange[0], alphaRange[1], betaRange[0], betaRange[1],
            reference.Number("learningRateAlpha"), reference.Number("learningRateBeta"), reference.Number("lambdaAlpha"), reference.Number("lambdaBeta"));
        var previous = reference.Whole("domain") > 0 ? reference.Input("previous").unflatten(0, [classes, -1]) : null;
        var synthetic = reference.Input("synthetic").unflatten(0, [classes, -1]);
        using var step = new DistillationStep(settings, synthetic, previous, null, context => RuleEntry.ByName[reference.Text("rule")].Create(new RunSpec { Asymmetric = rates }, context));
        var draw = NotAugmented(synthetic);
        for (var iteration = 0; iteration < reference.Whole("iterations"); iteration++)
        {
            using var network = reference.ConvNet($"weight.{iteration}.");
            step.Run(new IterationDraws(network, reference.Input("real")[iteration], draw, draw));
        }
        var outputs = new Dictionary<string, Tensor> { ["synthetic"] = step.Images.flatten(0, 1).clone() };
        if (step.Rule is AsymmetricRule asymmetric)
            (outputs["alpha"], outputs["beta"]) = (asymmetric.Parameters[0].clone(), asymmetric.Parameters[1].clone());
        return outputs;
    }

    private static Dictionary<string, Tensor> MetricsCase(Case reference)
    {
        var accuracy = reference.Input("accuracy").cpu();
        var side = (int)accuracy.shape[0];
        var matrix = new AccuracyMatrix(accuracy.data<double>().ToArray().Select(value => (double?)value).Chunk(side));
        return new()
        {
            ["forgetting"] = tensor([matrix.ForgettingAfter(side - 1)], dtype: ScalarType.Float64),
            ["curve"] = tensor([.. Enumerable.Range(0, side).Select(matrix.ForgettingAfter)], dtype: ScalarType.Float64),
            ["average"] = tensor([matrix.Average], dtype: ScalarType.Float64),
        };
    }

    private static Dictionary<string, Tensor> RotateCase(Case reference)
    {
        var images = reference.Input("images");
        var size = (int)images.shape[^1];
        var padded = cat([images.flatten(1), zeros([images.shape[0], 1], dtype: images.dtype, device: images.device)], 1);
        var rotated = reference.Input("degrees").cpu().data<double>().ToArray()
            .Select(degrees => padded.index_select(1, tensor(NearestRotation.SourceIndices(size, degrees), device: images.device)).view(images.shape));
        return new() { ["images"] = stack(rotated) };
    }

    private Dictionary<string, Tensor> ResizeCase(Case reference)
    {
        var files = JsonSerializer.Deserialize<string[]>(reference.Text("files"))!;
        Tensor Sized(int size) => stack(files.Select(file => ImageFile.Read(Path.Combine(images!, file), size)));
        return new() { ["images32"] = Sized(32), ["images64"] = Sized(64) };
    }

    // Of images in groups.
    private static AugmentationDraw NotAugmented(Tensor images) =>
        new DiffAugment("none").Draw(Enumerable.Range(0, (int)images.shape[0]).Select(_ => new RandomStream(0)), ImageShape.Of(images), images.device);

    // The inputs and settings of a case.
    private sealed class Case(Safetensors file, Device device)
    {
        public string Text(string key) => file.Metadata.TryGetValue(key, out var text) ? text : throw new DataSetException($"the case lacks '{key}'");

        public int Whole(string key) => int.Parse(Text(key), CultureInfo.InvariantCulture);

        public double Number(string key) => double.Parse(Text(key), CultureInfo.InvariantCulture);

        public double[] Numbers(string key) => JsonSerializer.Deserialize<double[]>(Text(key))!;

        public Tensor Input(string name) => file["in." + name].to(device).clone();

        public IEnumerable<string> Names(string prefix) => file.Tensors.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..]);

        public ConvNet ConvNet(string prefix)
        {
            var network = New(trainable: false);
            network.Load(file.Tensors, prefix);
            return network;
        }

        public ConvNet TrainableConvNet(string? prefix = null)
        {
            var network = New(trainable: true);
            if (prefix is not null)
                network.Load(network.Weights.Keys.ToDictionary(name => name, name => file[prefix + TheirName(name)].to(device)));
            return network;
        }

        // Of the objectives' authors, whose networks number all layers of the feature extractor: convolution, norm where there is one, ReLU, pooling.
        public string TheirName(string ours) => ours.Split('.') is ["layers", var layer, var block, var kind]
            ? $"features.{int.Parse(block, CultureInfo.InvariantCulture) * (NormKind == Norm.None ? 3 : 4) + (layer == "norm" ? 1 : 0)}.{kind}"
            : ours;

        public void Save(Network network, string prefix, Dictionary<string, Tensor> outputs)
        {
            foreach (var (name, weight) in network.Weights)
                outputs[prefix + TheirName(name)] = weight.detach().clone();
        }

        private Norm NormKind => file.Metadata.TryGetValue("norm", out var text) ? Enum.Parse<Norm>(text, ignoreCase: true) : Norm.Instance;

        private ConvNet New(bool trainable)
        {
            using var generator = new Generator(0, CPU);
            var shape = new ImageShape(Whole("channels"), Whole("size"), Whole("size"));
            return new ConvNet(new ConvNetSettings(Whole("width"), Whole("depth"), NormKind), shape, Whole("classes"), generator, device, trainable);
        }
    }
}

/// <summary>What became of one reference case.</summary>
/// <param name="Name">Name of the case: its file without the ending.</param>
/// <param name="Error">Largest absolute difference of an element; null where nothing could be compared.</param>
/// <param name="Tolerance">Largest difference allowed; null where it is not known.</param>
/// <param name="Problem">Why nothing could be compared; null where something was.</param>
/// <param name="Skipped">Whether that is no failure: the case needs pictures that may not be passed on, and no folder of them was named.</param>
public sealed record CaseResult(string Name, double? Error, double? Tolerance, string? Problem, bool Skipped = false)
{
    /// <summary>Whether the case agrees.</summary>
    public bool Passed => Problem is null && Error <= Tolerance;
}
