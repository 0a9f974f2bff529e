using System.Text.Json.Serialization;
using DIDD.Distillation;
using static TorchSharp.torch;

namespace DIDD.Rules;

/// <summary>Settings of the <see cref="AsymmetricRule"/>; the defaults are the authors' (METHOD §3).</summary>
/// <param name="PerTile">One pair of rates per tile, as the authors' code; else per stored image, as the paper writes.</param>
/// <param name="AlphaLow">Lower bound of ᾱ, at least 0.</param>
/// <param name="AlphaHigh">Upper bound of ᾱ.</param>
/// <param name="BetaLow">Lower bound of β̄, at least 0.</param>
/// <param name="BetaHigh">Upper bound of β̄.</param>
/// <param name="AlphaLearningRate">Adam's step for α.</param>
/// <param name="BetaLearningRate">Adam's step for β.</param>
/// <param name="AlphaPenalty">λ_α of λ_α·mean(ᾱ).</param>
/// <param name="BetaPenalty">λ_β of λ_β·mean(β̄).</param>
/// <param name="Joint">
/// Whether a tile has one parameter for both rates, β = −α, so that by the authors' bounds β̄ = 2 − ᾱ: what it gives to stability it takes from plasticity. False in
/// paper and code. Left out of JSON while false, so that specs without it keep their hash.
/// </param>
public sealed record AsymmetricSettings(
    bool PerTile = true,
    double AlphaLow = 0,
    double AlphaHigh = 2,
    double BetaLow = 0,
    double BetaHigh = 2,
    double AlphaLearningRate = 0.01,
    double BetaLearningRate = 0.01,
    double AlphaPenalty = 1e-4,
    double BetaPenalty = 1e-4,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Joint = false);

/// <summary>
/// The paper's asymmetric update (METHOD §3): every tile i has rates ᾱ_i = lo+(hi−lo)·σ(α_i) for stability and β̄_i for plasticity. A look-ahead
/// X' = X − η(ᾱ·g_S + β̄·g_P) asks which rates would lower L_meta = L_stable(X') + L_plastic(X') + λ_α·mean(ᾱ) + λ_β·mean(β̄); Adam follows, and the
/// images move by ᾱ·g_S + β̄·g_P with the new rates.
/// </summary>
/// <remarks>
/// g_S and g_P are constants of L_meta, so its gradient is closed and of first order: with G = ∂(L_stable+L_plastic)/∂X',
/// ∂L_meta/∂α_i = (hi−lo)·σ(α_i)(1−σ(α_i))·[−η·⟨G,g_S⟩_i + λ_α/N], and β_i likewise with g_P. Nothing is differentiated twice.
/// </remarks>
public sealed class AsymmetricRule : UpdateRule
{
    private readonly double _learningRate;
    private readonly TileGrid _grid;
    private readonly RateOptimizer _rates;
    private Tensor? _innerProducts;
    private Tensor? _applied;

    /// <summary>Creates the rule at the start of a domain: α = β = 0.</summary>
    public AsymmetricRule(AsymmetricSettings settings, RuleContext context)
    {
        _learningRate = context.LearningRate;
        _grid = new TileGrid(settings.PerTile ? context.Factor : 1, context.Shape, context.Device, context.Type);
        _rates = new RateOptimizer(settings, context.Classes, context.Ipc * _grid.Tiles, context.Schedule, context.Shard, context.Device, context.Type);
    }

    /// <inheritdoc/>
    public override bool NeedsStability => true;

    /// <inheritdoc/>
    public override Tensor Alpha => _rates.Values[0];

    /// <inheritdoc/>
    public override Tensor Beta => _rates.Values[1];

    /// <inheritdoc/>
    public override Tensor? MetaInnerProducts => _innerProducts;

    /// <summary>ᾱ and β̄ with which the last iteration weighted the gradients, [2,C·IPC·tiles], or [2,C·IPC] with a pair per image; the steps of the classes after a class come later. Null before the first.</summary>
    public Tensor? Applied => _applied;

    /// <summary>α and β before the sigmoid, [2,C·IPC·tiles], or [2,C·IPC] with a pair per image.</summary>
    public Tensor Parameters => _rates.Parameters;

    /// <inheritdoc/>
    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
    {
        _rates.Begin();
        _innerProducts?.Dispose();
        _innerProducts = InnerProducts(metaGradient(LookAhead(images, plastic, stable!)), plastic, stable!).DetachFromDisposeScope();
        _rates.Step(_innerProducts);
        var gradient = Weighted(plastic, stable!);
        _applied?.Dispose();
        _applied = _rates.Values.DetachFromDisposeScope();
        _rates.End();
        return gradient;
    }

    /// <inheritdoc/>
    public override void Save(IDictionary<string, Tensor> state) => _rates.Save(state);

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, Tensor> state) => _rates.Restore(state);

    /// <summary>X' = X − η(ᾱ·g_S + β̄·g_P) with the present rates.</summary>
    /// <param name="images">X, [N,channels,H,W].</param>
    /// <param name="plastic">g_P.</param>
    /// <param name="stable">g_S.</param>
    public Tensor LookAhead(Tensor images, Tensor plastic, Tensor stable) => images - Held(_learningRate) * Weighted(plastic, stable);

    /// <summary>∂L_meta/∂(α,β) by the closed form, [2,C·IPC·tiles], or [2,C·IPC] with a pair per image.</summary>
    /// <param name="metaGradient">G at the look-ahead, [N,channels,H,W].</param>
    /// <param name="plastic">g_P.</param>
    /// <param name="stable">g_S.</param>
    public Tensor ParameterGradient(Tensor metaGradient, Tensor plastic, Tensor stable) => _rates.Gradient(InnerProducts(metaGradient, plastic, stable));

    /// <summary>∂(L_stable+L_plastic)/∂(ᾱ,β̄) by the closed form: −η·⟨G,g_S⟩ and −η·⟨G,g_P⟩ per tile, [2,C·IPC·tiles], or [2,C·IPC] with a pair per image.</summary>
    /// <param name="metaGradient">G, [N,channels,H,W].</param>
    /// <param name="plastic">g_P.</param>
    /// <param name="stable">g_S.</param>
    public Tensor InnerProducts(Tensor metaGradient, Tensor plastic, Tensor stable) =>
        stack([_grid.Sum(metaGradient * stable), _grid.Sum(metaGradient * plastic)]) * Held(-_learningRate);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _grid.Dispose();
        _rates.Dispose();
        _innerProducts?.Dispose();
        _applied?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Weighted(Tensor plastic, Tensor stable) => _grid.Spread(Alpha) * stable + _grid.Spread(Beta) * plastic;
}
