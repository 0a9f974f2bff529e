using DIDD.Data;
using DIDD.Synthetic;

namespace DIDD.Distillation;

/// <summary>Makes the <see cref="IterationDiagnostics"/> of one domain from what its iterations measure.</summary>
internal sealed class Diagnosis(int factor, ImageShape shape, Device device) : IDisposable
{
    private const string RecordsName = "diagnosis.records", LeastName = "diagnosis.least";
    private const int RecordsPerTileRecord = 20;
    private const double Smallest = 1e-30;

    private readonly TileGrid _grid = new(factor, shape, device, ScalarType.Float32);
    private Tensor? _leastStable;
    private int _records;

    /// <summary>Follows an iteration, recorded or not: ε is the least L_stable of all.</summary>
    public void Follow(IterationMeasures measures)
    {
        if (measures.Stable is null)
            return;
        var least = _leastStable is null ? measures.Stable.clone() : _leastStable.minimum(measures.Stable);
        _leastStable?.Dispose();
        _leastStable = least.DetachFromDisposeScope();
    }

    /// <summary>The diagnostics of the iteration followed last, after its rule; with every tile in one of 20 records, and where they are <paramref name="asked"/> for.</summary>
    public IterationDiagnostics Read(IterationMeasures measures, UpdateRule rule, StageSeconds seconds, bool asked = false)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (plastic, stable) = (measures.PlasticGradient, measures.StableGradient);
        var classes = plastic.shape[0];
        Tensor PerClass(Tensor rates) => rates.view(classes, -1).mean([1]);
        var cosines = stable is null ? null : Cosines(stable.flatten(0, 1), plastic.flatten(0, 1));
        var (alpha, products) = stable is null ? (null, null) : (rule.Alpha, rule.MetaInnerProducts);
        return new IterationDiagnostics(
            MeanNorm(plastic), stable is null ? null : MeanNorm(stable),
            cosines is null ? null : Values(PerClass(cosines)),
            products is null ? null : Values(PerClass(products[0])), products is null ? null : Values(PerClass(products[1])),
            alpha is null ? null : Values(PerClass(alpha) * (measures.Stable! - _leastStable!)),
            seconds,
            (_records++ % RecordsPerTileRecord != 0 && !asked) || cosines is null ? null : new TileDiagnostics(Values(cosines), Values(alpha), Values(alpha is null ? null : rule.Beta)));
    }

    public void Save(IDictionary<string, Tensor> state)
    {
        state[RecordsName] = tensor(_records);
        if (_leastStable is not null)
            state[LeastName] = _leastStable;
    }

    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        _records = state[RecordsName].item<int>();
        _leastStable = state.TryGetValue(LeastName, out var least) ? least.to(device).clone().DetachFromDisposeScope() : null;
    }

    public void Dispose()
    {
        _grid.Dispose();
        _leastStable?.Dispose();
    }

    private Tensor Cosines(Tensor stable, Tensor plastic) =>
        _grid.Sum(stable * plastic) / (_grid.Sum(stable.square()) * _grid.Sum(plastic.square())).sqrt().clamp_min(Smallest);

    private static float MeanNorm(Tensor gradient) => gradient.flatten(1).norm(1).mean().item<float>();

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(tensor))]
    private static float[]? Values(Tensor? tensor) => tensor?.cpu().data<float>().ToArray();
}
