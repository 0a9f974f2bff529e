namespace DIDD.Distillation;

/// <summary>How the step of the images falls within a domain; the paper's stays.</summary>
public enum StepDecay
{
    /// <summary>It stays.</summary>
    None,

    /// <summary>Along half a cosine, from η_x to 0.</summary>
    Cosine,
}
