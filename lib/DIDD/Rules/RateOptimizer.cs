using DIDD.Distillation;

namespace DIDD.Rules;

/// <summary>
/// Adam on α and β, for the tiles of all classes at once. In the authors' loop a tile of the class at position c of C takes C steps per
/// iteration: c with the penalty's gradient alone, then its own, then C−1−c with the penalty's alone; all are element-wise and replayed here
/// exactly (METHOD §3). A shard's tiles take theirs in tensors of all classes, in their places: how an element is rounded can depend on where in its tensor
/// it stands.
/// </summary>
internal sealed class RateOptimizer : IDisposable
{
    private const string ParametersName = "rates", FirstName = "rates.first", SecondName = "rates.second", IterationName = "rates.iteration";
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly bool _joint;
    private readonly int _positions, _perClass, _from, _count;
    private readonly Tensor _parameters, _low, _range, _step, _penalty, _firstMoment, _secondMoment, _ownPosition;
    private int _iteration;

    /// <summary>Creates the optimiser with α = β = 0.</summary>
    public RateOptimizer(AsymmetricSettings settings, RuleContext context)
    {
        var (schedule, shard, device, type) = (context.Schedule, context.Shard, context.Device, context.Type);
        _joint = settings.Joint;
        _positions = schedule == Schedule.ClassSequential ? shard.All : 1;
        _perClass = context.Ipc * (settings.PerTile ? context.Factor * context.Factor : 1);
        (_from, _count) = (shard.First * _perClass, context.Classes * _perClass);
        Tensor Pair(double alpha, double beta) => tensor([alpha, beta], dtype: type, device: device).view(2, 1).DetachFromDisposeScope();
        _low = Pair(settings.AlphaLow, settings.BetaLow);
        _range = Pair(settings.AlphaHigh - settings.AlphaLow, settings.BetaHigh - settings.BetaLow);
        _step = Pair(settings.AlphaLearningRate, _joint ? settings.AlphaLearningRate : settings.BetaLearningRate);
        var all = shard.All * _perClass;
        _penalty = Pair(settings.AlphaPenalty / all, settings.BetaPenalty / all);
        Tensor Zeros() => zeros([2, all], dtype: type, device: device).DetachFromDisposeScope();
        (_parameters, _firstMoment, _secondMoment) = (Zeros(), Zeros(), Zeros());
        var position = arange(shard.All, dtype: type, device: device).repeat_interleave(_perClass);
        _ownPosition = (schedule == Schedule.ClassSequential ? position : zeros_like(position)).DetachFromDisposeScope();
    }

    public int Iteration => _iteration;

    /// <summary>α and β before the sigmoid, [2,N]; where they are joint, β = −α.</summary>
    public Tensor Parameters => Own(_parameters);

    /// <summary>ᾱ and β̄, lo+(hi−lo)·σ, [2,N].</summary>
    public Tensor Values => Own(_low + _range * _parameters.sigmoid());

    /// <summary>
    /// The gradient of L_meta in α and β by the closed form: (hi−lo)·σ(1−σ)·(inner product + λ/N). Where they are joint, the row of α is the gradient in the one
    /// parameter, the difference of the two, and the row of β its negative.
    /// </summary>
    /// <param name="innerProducts">∂(L_stable+L_plastic)/∂(ᾱ,β̄), [2,N].</param>
    public Tensor Gradient(Tensor innerProducts) => Own(GradientOfAll(innerProducts));

    /// <summary>Takes the steps of the positions before each class's own.</summary>
    public void Begin()
    {
        for (var position = 0; position + 1 < _positions; position++)
            StepPenalty((position + 1) * _perClass, _parameters.shape[1], position);
    }

    /// <summary>Takes each class's own step, by ∂(L_stable+L_plastic)/∂(ᾱ,β̄), [2,N].</summary>
    public void Step(Tensor innerProducts)
    {
        using var scope = NewDisposeScope();
        Adam(_parameters, _firstMoment, _secondMoment, GradientOfAll(innerProducts), _ownPosition + (1 + (double)_iteration * _positions));
    }

    /// <summary>Takes the steps of the positions after each class's own.</summary>
    public void End()
    {
        for (var position = 1; position < _positions; position++)
            StepPenalty(0, position * _perClass, position);
        _iteration++;
    }

    public void Save(IDictionary<string, Tensor> state)
    {
        (state[ParametersName], state[FirstName], state[SecondName]) = (_parameters, _firstMoment, _secondMoment);
        state[IterationName] = tensor(_iteration);
    }

    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        _parameters.copy_(state[ParametersName]);
        _firstMoment.copy_(state[FirstName]);
        _secondMoment.copy_(state[SecondName]);
        _iteration = state[IterationName].item<int>();
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_parameters, _low, _range, _step, _penalty, _firstMoment, _secondMoment, _ownPosition])
            tensor.Dispose();
    }

    // The part of these classes in [2,·] of all.
    private Tensor Own(Tensor all) => all.narrow(1, _from, _count);

    private Tensor GradientOfAll(Tensor innerProducts)
    {
        var all = innerProducts;
        if (_count < _parameters.shape[1])
        {
            all = zeros_like(_parameters);
            Own(all).copy_(innerProducts);
        }
        return Chain(all + _penalty, _parameters);
    }

    private void StepPenalty(long from, long to, int position)
    {
        using var scope = NewDisposeScope();
        Tensor Part(Tensor whole) => whole.narrow(1, from, to - from);
        // Filled where it is needed: a copy to a GPU would wait for it.
        var number = full([], 1 + (double)_iteration * _positions + position, dtype: _parameters.dtype, device: _parameters.device);
        Adam(Part(_parameters), Part(_firstMoment), Part(_secondMoment), Chain(_penalty, Part(_parameters)), number);
    }

    // From a gradient in (ᾱ,β̄) to one in (α,β).
    private Tensor Chain(Tensor gradient, Tensor parameters)
    {
        var sigmoid = parameters.sigmoid();
        var each = gradient * _range * sigmoid * (1 - sigmoid);
        // Adam is odd in the gradient, so that β = −α stays true to the bit.
        return _joint ? stack([each[0] - each[1], each[1] - each[0]]) : each;
    }

    // number: which step this is, from 1, a scalar or [N].
    private void Adam(Tensor parameters, Tensor first, Tensor second, Tensor gradient, Tensor number)
    {
        first.mul_(Beta1).add_(gradient, 1 - Beta1);
        second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var (correction1, correction2) = (1 - pow(Beta1, number), 1 - pow(Beta2, number));
        parameters.sub_(_step * (first / correction1) / ((second / correction2).sqrt() + Epsilon));
    }
}
