using DIDD.Distillation;

namespace DIDD.Rules;

/// <summary>What is known of an update rule before it runs.</summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="Create">Creates the rule of a domain.</param>
public sealed record RuleEntry(string Name, Func<IRuleSettings, RuleContext, UpdateRule> Create) : Entry<RuleEntry>(Name)
{
    /// <summary>The sections of a spec that this rule reads and other rules do not; those of its name by default.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [Name];

    /// <summary>Why the classes cannot be distilled apart, such as "its rates are shared by all classes"; null where they can.</summary>
    public Func<IRuleSettings, string?> ClassesInteract { get; init; } = _ => null;

    /// <summary>The settings with which this rule starts where they are not the profile's.</summary>
    public Func<DistillationSettings, DistillationSettings> Start { get; init; } = settings => settings;

    /// <summary>Whether the rule trains a network as the evaluation does, so that its sets depend on how that trains.</summary>
    public bool HasTeacher { get; init; }

    /// <summary>Whether every domain starts tiles from real images, not the first alone.</summary>
    public bool StartsFromReal { get; init; }
}

/// <summary>Settings of all rules; each rule reads its own.</summary>
public interface IRuleSettings
{
    /// <summary>The settings of a type, such as <see cref="EwcSettings"/>; <see cref="Evaluation.EvaluationSettings"/> are those by which teachers are trained, too.</summary>
    /// <typeparam name="T">The type.</typeparam>
    public T Section<T>();
}
