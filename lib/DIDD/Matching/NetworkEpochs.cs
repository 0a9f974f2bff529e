using DIDD.Augmentation;
using DIDD.Data;
using DIDD.Networks;

namespace DIDD.Matching;

/// <summary>Trains the networks that objectives need: SGD without momentum, in mini-batches.</summary>
internal static class NetworkEpochs
{
    /// <summary>The classes of images in groups, [C,m,…]: [C·m], 64-bit.</summary>
    public static Tensor Labels(Tensor images) => arange(images.shape[0], dtype: ScalarType.Int64, device: images.device).repeat_interleave(images.shape[1]);

    /// <summary>One epoch over images [N,channels,H,W], normalised, in an order [n]; an augmentation per image, its alternative per step.</summary>
    public static void Train(Network network, double learningRate, Tensor images, Tensor labels, Tensor order, int batchSize, DiffAugment augmentation, RandomStream numbers)
    {
        using var enabled = enable_grad();
        using var optimizer = optim.SGD(network.Weights.Values, learningRate);
        var shape = ImageShape.Of(images);
        foreach (var batch in order.split(batchSize))
        {
            using var scope = NewDisposeScope();
            var inputs = augmentation.Apply(images.index_select(0, batch).unsqueeze(1), augmentation.DrawEach(numbers, (int)batch.shape[0], shape, images.device)).squeeze(1);
            optimizer.zero_grad();
            var pass = network.Pass(inputs.contiguous());
            var features = pass.Features.requires_grad_();
            nn.functional.cross_entropy(network.Logits(features), labels.index_select(0, batch)).backward();
            pass.ToWeights(features.grad!);
            optimizer.step();
        }
    }
}
