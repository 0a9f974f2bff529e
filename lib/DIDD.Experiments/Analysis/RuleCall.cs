using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>What passed through the rule in one iteration, in the order in which it did.</summary>
internal sealed class RuleCall(IReadOnlyList<Tensor> tensors) : IDisposable
{
    public Tensor Images => tensors[0];

    public Tensor Plastic => tensors[1];

    public Tensor Stable => tensors[2];

    public Tensor Parameters => tensors[3];

    public Tensor AlphaBefore => tensors[4];

    public Tensor BetaBefore => tensors[5];

    public Tensor LookAhead => tensors[6];

    public Tensor MetaGradient => tensors[7];

    public Tensor ClosedForm => tensors[8];

    public Tensor Applied => tensors[9];

    public Tensor Update => tensors[10];

    public void Dispose()
    {
        foreach (var tensor in tensors)
            tensor.Dispose();
    }
}
