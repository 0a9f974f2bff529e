namespace DIDD.Distillation;

/// <summary>Settings of the meta step; rules without one ignore them.</summary>
/// <param name="Draw">Under which augmentation the meta loss is taken.</param>
public sealed record MetaSettings(MetaDraw Draw = MetaDraw.New);

/// <summary>The augmentation of the meta step.</summary>
public enum MetaDraw
{
    /// <summary>A new draw, as in the authors' code.</summary>
    New,

    /// <summary>The draw under which g_P and g_S were taken: the features of real and previous images are there already.</summary>
    Shared,
}
