namespace DIDD.Rules;

/// <summary>Settings of all rules; each rule reads its own.</summary>
public interface IRuleSettings
{
    /// <summary>The settings of a type, such as <see cref="EwcSettings"/>; <see cref="Evaluation.EvaluationSettings"/> are those by which teachers are trained, too.</summary>
    /// <typeparam name="T">The type.</typeparam>
    public T Section<T>();
}
