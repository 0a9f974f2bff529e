using System.CommandLine.Parsing;

namespace DIDD.Cli;

/// <summary>What holds of every command: no value is empty, a misspelt option is no file, and a command that is none is named.</summary>
internal static class CommandLineRules
{
    /// <summary>Puts the rules on a command and all below it.</summary>
    public static void Apply(Command command)
    {
        foreach (var option in command.Options)
            option.Validators.Add(result => RefuseEmpty(result, option.Name));
        foreach (var argument in command.Arguments)
            argument.Validators.Add(result =>
            {
                RefuseEmpty(result, argument.Name);
                if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } option)
                    result.AddError($"{option.Value}: no such option of `didd {command.Name}`; `didd {command.Name} --help` lists them");
            });
        foreach (var below in command.Subcommands)
            Apply(below);
    }

    /// <summary>The first thing that is wrong with a command line, in words; null for nothing.</summary>
    public static string? Error(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return null;
        var command = parsed.CommandResult.Command;
        var message = parsed.Errors[0].Message;
        if (command.Subcommands.Count == 0)
            return message.Contains("--help", StringComparison.Ordinal) ? message : $"{message} (--help lists what there is)";
        var below = string.Join(", ", command.Subcommands.Select(below => below.Name));
        return parsed.UnmatchedTokens is [var word, ..] ? $"{word}: no such {(word.StartsWith('-') ? "option" : "command")}; there are {below} (--help says more)"
            : $"`{command.Name}` needs one of {below} (--help says more)";
    }

    private static void RefuseEmpty(SymbolResult result, string name)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            result.AddError($"{name}: is empty; give a value, or leave it out");
    }
}
