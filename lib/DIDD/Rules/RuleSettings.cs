using DIDD.Evaluation;

namespace DIDD.Rules;

/// <summary>Settings of all rules; each rule reads its own.</summary>
public sealed record RuleSettings
{
    /// <summary>Settings of <see cref="AsymmetricRule"/>.</summary>
    public AsymmetricSettings Asymmetric { get; init; } = new();

    /// <summary>Settings of <see cref="LinearRule"/>.</summary>
    public LinearSettings Linear { get; init; } = new();

    /// <summary>Settings of <see cref="EwcRule"/>.</summary>
    public EwcSettings Ewc { get; init; } = new();

    /// <summary>Settings of <see cref="MasRule"/>.</summary>
    public MasSettings Mas { get; init; } = new();

    /// <summary>Settings of <see cref="LwfRule"/>.</summary>
    public LwfSettings Lwf { get; init; } = new();

    /// <summary>Settings of <see cref="LfRule"/>.</summary>
    public LfSettings Lf { get; init; } = new();

    /// <summary>How the teacher of <see cref="LwfRule"/> and <see cref="LfRule"/> is trained.</summary>
    public EvaluationSettings Teacher { get; init; } = new();
}
