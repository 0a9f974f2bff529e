using DIDD.Evaluation;

namespace DIDD.Rules;

/// <summary>Settings of all rules; each rule reads its own.</summary>
public interface IRuleSettings
{
    /// <summary>Settings of <see cref="AsymmetricRule"/>; other rules ignore them.</summary>
    public AsymmetricSettings Asymmetric { get; }

    /// <summary>Settings of <see cref="SymmetricRule"/>; other rules ignore them.</summary>
    public SymmetricSettings Stable { get; }

    /// <summary>Settings of <see cref="LinearRule"/>; other rules ignore them.</summary>
    public LinearSettings Linear { get; }

    /// <summary>Settings of <see cref="EwcRule"/>; other rules ignore them.</summary>
    public EwcSettings Ewc { get; }

    /// <summary>Settings of <see cref="MasRule"/>; other rules ignore them.</summary>
    public MasSettings Mas { get; }

    /// <summary>Settings of <see cref="LwfRule"/>; other rules ignore them.</summary>
    public LwfSettings Lwf { get; }

    /// <summary>Settings of <see cref="LfRule"/>; other rules ignore them.</summary>
    public LfSettings Lf { get; }

    /// <summary>Settings of <see cref="ConsolidatedRule"/>; other rules ignore them.</summary>
    public ConsolidatedSettings Consolidated { get; }

    /// <summary>How the teacher of <see cref="LwfRule"/> and <see cref="LfRule"/> is trained.</summary>
    public EvaluationSettings Teacher { get; }
}
