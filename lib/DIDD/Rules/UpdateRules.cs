using DIDD.Distillation;

namespace DIDD.Rules;

/// <summary>The update rules by the names that the command line and specs use.</summary>
public static class UpdateRules
{
    /// <summary>Name → how to create the rule of a domain. A new rule is a new file and a line here.</summary>
    public static IReadOnlyDictionary<string, Func<IRuleSettings, RuleContext, UpdateRule>> ByName { get; } = new Dictionary<string, Func<IRuleSettings, RuleContext, UpdateRule>>
    {
        ["finetune"] = (_, _) => new FinetuneRule(),
        ["stable"] = (settings, context) => new SymmetricRule(settings.Stable, context.Iterations),
        ["linear"] = (settings, context) => new LinearRule(settings.Linear, context),
        ["asymmetric"] = (settings, context) => new AsymmetricRule(settings.Asymmetric, context),
        ["ewc"] = (settings, _) => new EwcRule(settings.Ewc),
        ["mas"] = (settings, _) => new MasRule(settings.Mas),
        ["lwf"] = (settings, context) => new LwfRule(settings.Lwf, settings.Teacher, context),
        ["lf"] = (settings, context) => new LfRule(settings.Lf, settings.Teacher, context),
        ["partition"] = (_, context) => new PartitionRule(context),
        ["consolidated"] = (settings, context) => new ConsolidatedRule(settings.Consolidated, context),
    };
}
