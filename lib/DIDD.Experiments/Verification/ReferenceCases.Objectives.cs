namespace DIDD.Verification;

/// <content>Cases of the objectives DC, DM and MTT, computed with their authors' code: no augmentation, no normalisation.</content>
public sealed partial class ReferenceCases
{
    private static Dictionary<string, Tensor> GradientDistanceCase(Case reference)
    {
        IReadOnlyList<Tensor> Of(string side) => [.. reference.Names($"in.{side}.").Select(name => reference.Input($"{side}.{name}").unsqueeze(0))];
        return new() { ["loss"] = GradientDistance.Between(Of("synthetic"), Of("real"), Metric(reference)) };
    }

    private static Dictionary<string, Tensor> GradientMatchingCase(Case reference)
    {
        using var network = reference.TrainableConvNet("weight.");
        var synthetic = reference.Input("synthetic").requires_grad_();
        IReadOnlyList<Tensor> Of(Tensor images, bool differentiable) => [.. GradientDistance.Gradients(
            network, images, full([images.shape[0]], reference.Whole("label"), dtype: ScalarType.Int64, device: images.device), differentiable, Metric(reference)).Select(weight => weight.unsqueeze(0))];
        var loss = GradientDistance.Between(Of(synthetic, true), Of(reference.Input("real"), false), Metric(reference));
        return new() { ["loss"] = loss, ["gradient"] = autograd.grad([loss.sum()], [synthetic])[0] };
    }

    private static Dictionary<string, Tensor> DcCase(Case reference)
    {
        using var network = reference.TrainableConvNet("weight.");
        var (outer, classes, learningRate) = (reference.Whole("outer"), reference.Whole("classes"), reference.Number("networkLearningRate"));
        using var objective = new DcObjective(new GradientMatchingSettings { Metric = Metric(reference) });
        var (images, labels, none) = (reference.Input("synthetic").unflatten(0, [classes, -1]), reference.Input("labels"), new DiffAugment("none"));
        using var optimizer = new ImageOptimizer(images, reference.Number("imageLearningRate"), reference.Number("imageMomentum"), Schedule.Parallel, new ClassShard(0, classes));
        var draw = NotAugmented(images);
        var outputs = new Dictionary<string, Tensor>();
        for (var loop = 0; loop < outer; loop++)
        {
            var real = reference.Input("real")[loop];
            var target = objective.Target(new IterationDraws(network, real, draw, draw), previous: false, () => real);
            optimizer.End(objective.Differentiate(network, images, [target], together: false).Gradients[0]);
            outputs[$"synthetic.{loop}"] = images.flatten(0, 1).clone();
            if (loop + 1 == outer)
                break;
            for (var epoch = 0; epoch < reference.Whole("inner"); epoch++)
                NetworkEpochs.Train(network, learningRate, images.flatten(0, 1), labels, arange(labels.shape[0], dtype: ScalarType.Int64, device: images.device), (int)labels.shape[0], none, new RandomStream(0));
            reference.Save(network, $"weight.{loop}.", outputs);
        }
        return outputs;
    }

    private static Dictionary<string, Tensor> MeanMatchingCase(Case reference)
    {
        using var network = reference.TrainableConvNet("weight.");
        using var objective = new DmObjective(TargetPrecision.Full);
        var (synthetic, real) = (reference.Input("synthetic"), reference.Input("real"));
        var draw = NotAugmented(synthetic);
        var target = objective.Target(new IterationDraws(network, real, draw, draw), previous: false, () => real);
        var (losses, gradients) = objective.Differentiate(network, synthetic, [target], together: false);
        return new() { ["loss"] = losses[0].sum().view(1), ["gradient"] = gradients[0] };
    }

    private static Dictionary<string, Tensor> TrajectoryCase(Case reference)
    {
        using var network = reference.TrainableConvNet();
        IEnumerable<Tensor> Weights(string side) => network.Weights.Keys.Select(name => reference.Input($"{side}.{reference.TheirName(name)}"));
        var (loss, gradient, stepSize) = MttObjective.Differentiate(
            network, reference.Input("synthetic"), reference.Input("labels"), [.. Weights("start"), .. Weights("target")], reference.Input("learningRate").item<float>(), reference.Input("indices").unbind(0));
        return new() { ["loss"] = loss.view(1), ["gradient"] = gradient, ["learningRateGradient"] = stepSize.view(1) };
    }

    private static Dictionary<string, Tensor> ExpertCase(Case reference)
    {
        using var network = reference.TrainableConvNet("weight.");
        var (images, labels, order) = (reference.Input("images"), reference.Input("labels"), reference.Input("order"));
        var outputs = new Dictionary<string, Tensor>();
        for (var epoch = 0; epoch < reference.Whole("epochs"); epoch++)
        {
            NetworkEpochs.Train(network, reference.Number("learningRate"), images, labels, order[epoch], reference.Whole("batch"), new DiffAugment("none"), new RandomStream(0));
            reference.Save(network, $"weight.{epoch}.", outputs);
        }
        return outputs;
    }

    private static GradientMetric Metric(Case reference) => Enum.Parse<GradientMetric>(reference.Text("metric"), ignoreCase: true);
}
