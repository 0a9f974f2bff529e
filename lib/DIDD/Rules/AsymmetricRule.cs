using DIDD.Distillation;
using DIDD.Synthetic;

namespace DIDD.Rules;

/// <summary>Which tile takes which rates; all but <see cref="Own"/> are controls, which no paper has.</summary>
public enum RateAssignment
{
    /// <summary>Each tile its own, as in the paper.</summary>
    Own,

    /// <summary>Each tile those of a tile of its class drawn at random in every iteration: the same distribution, and no assignment. They are learnt as if each took its own.</summary>
    Shuffled,

    /// <summary>One pair for all tiles of a class, learnt from the mean of all tiles' gradients: the pairs of two classes differ by the classes' places in the sequence alone.</summary>
    Shared,
}

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
/// <param name="Assignment">Which tile takes which rates. Left out of JSON while each takes its own.</param>
public sealed record AsymmetricSettings(
    bool PerTile = true,
    [property: Range(0, double.MaxValue)] double AlphaLow = 0,
    [property: Range(0, double.MaxValue)] double AlphaHigh = 2,
    [property: Range(0, double.MaxValue)] double BetaLow = 0,
    [property: Range(0, double.MaxValue)] double BetaHigh = 2,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double AlphaLearningRate = 0.01,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double BetaLearningRate = 0.01,
    [property: Range(0, double.MaxValue)] double AlphaPenalty = 1e-4,
    [property: Range(0, double.MaxValue)] double BetaPenalty = 1e-4,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Joint = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RateAssignment Assignment = RateAssignment.Own) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AlphaLow > AlphaHigh)
            yield return new ValidationResult($"must be at most alphaHigh={AlphaHigh}", [nameof(AlphaLow)]);
        if (BetaLow > BetaHigh)
            yield return new ValidationResult($"must be at most betaHigh={BetaHigh}", [nameof(BetaLow)]);
        if (Joint && AlphaLearningRate != BetaLearningRate)
            yield return new ValidationResult($"one parameter has one step, not alphaLearningRate={AlphaLearningRate} and betaLearningRate={BetaLearningRate}; make them equal", [nameof(Joint)]);
    }
}

/// <summary>
/// The paper's asymmetric update (METHOD §3): every tile i has rates ᾱ_i = lo+(hi−lo)·σ(α_i) for stability and β̄_i for plasticity. A look-ahead
/// X' = X − η(ᾱ·g_S + β̄·g_P) asks which rates would lower L_meta = L_stable(X') + L_plastic(X') + λ_α·mean(ᾱ) + λ_β·mean(β̄); Adam follows, and the
/// images move by ᾱ·g_S + β̄·g_P with the new rates.
/// </summary>
/// <remarks>
/// g_S and g_P are constants of L_meta, so its gradient is closed and of first order: with G = ∂(L_stable+L_plastic)/∂X',
/// ∂L_meta/∂α_i = (hi−lo)·σ(α_i)(1−σ(α_i))·[−η·⟨G,g_S⟩_i + λ_α/N], and β_i likewise with g_P. Nothing is differentiated twice.
/// </remarks>
public sealed class AsymmetricRule(AsymmetricSettings settings, RuleContext context) : UpdateRule
{
    /// <summary>The rule for specs.</summary>
    public static RuleEntry Entry { get; } = new("asymmetric", (settings, context) => new AsymmetricRule(settings.Section<AsymmetricSettings>(), context))
    {
        Title = "Asymmetric",
        Row = 3,
        Sections = ["asymmetric", "meta"],
        ClassesInteract = settings => settings.Section<AsymmetricSettings>().Assignment == RateAssignment.Shared ? "its rates are shared by all classes" : null,
    };

    private readonly TileGrid _grid = new(settings.PerTile ? context.Factor : 1, context.Shape, context.Device, context.Type);
    private readonly RateOptimizer _rates = new(settings, context);
    private DomainContext? _domain;
    private Tensor? _innerProducts;

    /// <inheritdoc/>
    public override bool NeedsStability => true;

    /// <inheritdoc/>
    public override Tensor Alpha => _rates.Values[0];

    /// <inheritdoc/>
    public override Tensor Beta => _rates.Values[1];

    /// <inheritdoc/>
    public override Tensor? MetaInnerProducts => _innerProducts;

    /// <summary>ᾱ and β̄ with which the last iteration weighted the gradients, [2,C·IPC·tiles], or [2,C·IPC] with a pair per image; the steps of the classes after a class come later. Null before the first.</summary>
    public Tensor? Applied { get; private set; }

    /// <summary>α and β before the sigmoid, [2,C·IPC·tiles], or [2,C·IPC] with a pair per image.</summary>
    public Tensor Parameters => _rates.Parameters;

    /// <inheritdoc/>
    public override void BeginDomain(DomainContext domain, DistillationStep state) => _domain = domain;

    /// <inheritdoc/>
    public override Tensor Combine(Tensor images, Tensor plastic, Tensor? stable, Func<Tensor, Tensor> metaGradient)
    {
        _rates.Begin();
        _innerProducts?.Dispose();
        var innerProducts = InnerProducts(metaGradient(LookAhead(images, plastic, stable!)), plastic, stable!);
        if (settings.Assignment == RateAssignment.Shared)
            innerProducts = innerProducts.mean([1], keepdim: true).expand_as(innerProducts);
        _innerProducts = innerProducts.DetachFromDisposeScope();
        _rates.Step(_innerProducts);
        Applied?.Dispose();
        Applied = (settings.Assignment == RateAssignment.Shuffled ? Shuffled(_rates.Values) : _rates.Values).DetachFromDisposeScope();
        var gradient = Weighted(Applied, plastic, stable!);
        _rates.End();
        return gradient;
    }

    /// <inheritdoc/>
    public override void Save(IDictionary<string, Tensor> state) => _rates.Save(state);

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, Tensor> state) => _rates.Restore(state);

    /// <summary>X' = X − η(ᾱ·g_S + β̄·g_P) with the present rates, [N,channels,H,W].</summary>
    internal Tensor LookAhead(Tensor images, Tensor plastic, Tensor stable) => images - context.LearningRate * Weighted(_rates.Values, plastic, stable);

    /// <summary>∂L_meta/∂(α,β) by the closed form, in the shape of <see cref="Parameters"/>, from G at the look-ahead, g_P and g_S, [N,channels,H,W].</summary>
    internal Tensor ParameterGradient(Tensor metaGradient, Tensor plastic, Tensor stable) => _rates.Gradient(InnerProducts(metaGradient, plastic, stable));

    /// <inheritdoc/>
    public override void Dispose()
    {
        _grid.Dispose();
        _rates.Dispose();
        _innerProducts?.Dispose();
        Applied?.Dispose();
        base.Dispose();
    }

    // ∂(L_stable+L_plastic)/∂(ᾱ,β̄) by the closed form: −η·⟨G,g_S⟩ and −η·⟨G,g_P⟩ per tile.
    private Tensor InnerProducts(Tensor metaGradient, Tensor plastic, Tensor stable) =>
        stack([_grid.Sum(metaGradient * stable), _grid.Sum(metaGradient * plastic)]) * -context.LearningRate;

    private Tensor Weighted(Tensor rates, Tensor plastic, Tensor stable) => _grid.Spread(rates[0]) * stable + _grid.Spread(rates[1]) * plastic;

    // One permutation for a tile's pair, another for every class and iteration.
    private Tensor Shuffled(Tensor rates)
    {
        var perClass = (int)(rates.shape[1] / context.Classes);
        var order = Enumerable.Range(0, context.Classes).SelectMany(c => _domain!.Randomness
            .Draw(perClass, perClass, Purpose.RateAssignment, _domain.Domain, _rates.Iteration, context.Shard.First + c)
            .Select(tile => (long)c * perClass + tile));
        return rates.index_select(1, tensor(order.ToArray(), device: rates.device));
    }
}
