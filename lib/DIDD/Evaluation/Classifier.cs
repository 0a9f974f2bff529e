using DIDD.Data;
using DIDD.Networks;
using DIDD.Synthetic;

namespace DIDD.Evaluation;

/// <summary>A network trained on a synthetic set alone, ready to be used on pictures.</summary>
public sealed class Classifier : IDisposable
{
    private readonly Network _network;
    private readonly DomainStream _stream;

    private Classifier(Network network, DomainStream stream) => (_network, _stream) = (network, stream);

    private Device Device => _network.Weights.Values.First().device;

    /// <summary>Trains a network from scratch, as the clean protocol does.</summary>
    /// <param name="stream">The stream from which the set was made: its classes, image shape and normalisation. No image of it is used.</param>
    /// <param name="set">The set.</param>
    /// <param name="settings">How the network is trained; one network, whatever the settings say.</param>
    /// <param name="randomness">Source of weights, orders and augmentations.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    /// <exception cref="ArgumentException">Set and stream differ in classes or image shape.</exception>
    public static Classifier Train(DomainStream stream, SyntheticSet set, EvaluationSettings settings, Randomness randomness, CancellationToken cancellation = default)
    {
        if (set.Classes != stream.Classes.Count || set.Shape != stream.Shape)
            throw new ArgumentException($"the set has {set.Classes} classes of {set.Shape}, the stream {stream.Classes.Count} of {stream.Shape}; take the stream that made the set", nameof(set));
        using var scope = NewDisposeScope();
        var tiles = set.Tiles();
        var labels = arange(set.Classes, dtype: ScalarType.Int64, device: tiles.device).repeat_interleave(tiles.shape[0] / set.Classes);
        var training = new NetworkTraining(settings, stream.Shape, stream.Classes.Count, randomness, tiles.device);
        return new Classifier(training.Train(stream.Normalization.Apply(tiles), labels, stream.Domains.Count - 1, index: 0, cancellation: cancellation), stream);
    }

    /// <summary>The class of a picture.</summary>
    /// <param name="path">A picture, resized as the stream's are.</param>
    /// <returns>Its name, and the network's probability of it, in [0,1].</returns>
    /// <exception cref="DataSetException">The file is missing or no picture.</exception>
    public (string Class, double Probability) Predict(string path)
    {
        using var scope = NewDisposeScope();
        var picture = ImageFile.Read(path, _stream.Shape.Height);
        var probabilities = Probabilities((_stream.Shape.Channels == 1 ? picture.narrow(0, 0, 1) : picture).unsqueeze(0))[0];
        var best = (int)probabilities.argmax().item<long>();
        return (_stream.Classes[best], probabilities[best].item<float>());
    }

    /// <summary>Probabilities of the classes.</summary>
    /// <param name="images">[n,channels,H,W], 8-bit, of the stream's shape.</param>
    /// <returns>[n,C], rows that add up to 1.</returns>
    public Tensor Probabilities(Tensor images)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var pixels = images.to(Device).to(ScalarType.Float32) / 255;
        return _network.Logits(_network.Embed(_stream.Normalization.Apply(pixels))).softmax(1).MoveToOuterDisposeScope();
    }

    /// <summary>Accuracy on images, per cent.</summary>
    /// <param name="images">The images, at least one.</param>
    public double Accuracy(DomainSet images) => Evaluator.Test([_network], images, 0, _stream.Normalization, Device)[0];

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
