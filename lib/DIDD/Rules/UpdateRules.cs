namespace DIDD.Rules;

/// <summary>The update rules by the names that the command line and specs use.</summary>
public static class UpdateRules
{
    /// <summary>Name → how to create the rule of a domain. A new rule is a new file and a line here.</summary>
    public static IReadOnlyDictionary<string, Func<AsymmetricSettings, RuleContext, UpdateRule>> ByName { get; } = new Dictionary<string, Func<AsymmetricSettings, RuleContext, UpdateRule>>
    {
        ["finetune"] = (_, _) => new FinetuneRule(),
        ["stable"] = (_, _) => new StableRule(),
        ["asymmetric"] = (settings, context) => new AsymmetricRule(settings, context),
    };
}
