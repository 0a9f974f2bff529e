namespace DIDD.Distillation;

/// <summary>What happens inside a recorded iteration, beyond the losses.</summary>
/// <param name="PlasticNorm">‖g_P‖ over the stored pixels of a class, mean over the classes.</param>
/// <param name="StableNorm">‖g_S‖ likewise; null at the first domain and where the rule does not need it.</param>
/// <param name="TileCosines">cos(g_S,g_P) of the tiles, mean over those of each class, [C]; null likewise.</param>
/// <param name="StableInnerProducts">−η·⟨G,g_S⟩ per rate, mean over those of each class, [C]: what L_meta gains from more ᾱ; null where the rule has no meta step.</param>
/// <param name="PlasticInnerProducts">−η·⟨G,g_P⟩ likewise, for β̄.</param>
/// <param name="KktResidual">
/// mean_i ᾱ_i·(L_stable − ε) per class, [C]. Complementary slackness asks for 0: a rate may be positive only where the bound ε on L_stable is tight. The
/// paper leaves ε open; here it is the least L_stable of the class in this domain so far. The network is new in every iteration and the loss noisy, so that
/// the residual shows how far, in rate-weighted loss, a class is above the best that it reached. Null where the rule has no rates.
/// </param>
/// <param name="Seconds">Seconds of the stages since the domain's distillation began.</param>
/// <param name="Tiles">Every tile; null in all but one of 20 records and the last of a domain.</param>
public sealed record IterationDiagnostics(
    float PlasticNorm, float? StableNorm, IReadOnlyList<float>? TileCosines, IReadOnlyList<float>? StableInnerProducts,
    IReadOnlyList<float>? PlasticInnerProducts, IReadOnlyList<float>? KktResidual, StageSeconds Seconds, TileDiagnostics? Tiles);

/// <summary>Values of every tile.</summary>
/// <param name="Cosines">cos(g_S,g_P), [C·IPC·tiles].</param>
/// <param name="Alpha">ᾱ, [C·IPC·tiles], or [C·IPC] where the rule has a pair of rates per image; null where it has none.</param>
/// <param name="Beta">β̄ likewise.</param>
public sealed record TileDiagnostics(IReadOnlyList<float> Cosines, IReadOnlyList<float>? Alpha, IReadOnlyList<float>? Beta);
