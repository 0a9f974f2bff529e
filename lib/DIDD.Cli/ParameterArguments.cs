namespace DIDD.Cli;

/// <summary>Parameters on a command line, as papermill's users write them (<c>-p seed 3</c>) and as one word (<c>-p seed=3</c>).</summary>
internal static class ParameterArguments
{
    /// <summary>The same arguments with every parameter as one word, <c>name=value</c>.</summary>
    public static IReadOnlyList<string> AsOneWord(IReadOnlyList<string> arguments, params string[] options)
    {
        var joined = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            joined.Add(arguments[i]);
            if (!options.Contains(arguments[i]) || i + 1 == arguments.Count)
                continue;
            var name = arguments[++i];
            joined.Add(name.Contains('=', StringComparison.Ordinal) || i + 1 == arguments.Count ? name : $"{name}={arguments[++i]}");
        }
        return joined;
    }

    /// <summary>Name and value of a parameter written as one word; the value may hold further <c>=</c>.</summary>
    /// <exception cref="ArgumentException">It is no <c>name=value</c>.</exception>
    public static (string Name, string Value) Split(string assignment) => assignment.Split('=', 2) is [{ Length: > 0 } name, var value]
        ? (name, value)
        : throw new ArgumentException($"'{assignment}' is no parameter: write name=value, or name and value as two words");
}
