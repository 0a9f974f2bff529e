using System.Text.RegularExpressions;

namespace DIDD.Notebooks;

/// <summary>A NuGet package as <c>#r "nuget: Id, version"</c> names it.</summary>
internal sealed partial record PackageReference(string Id, string Version)
{
    /// <summary>Reads <c>Id, version</c>; the version must be exact, so that the notebook runs the same tomorrow.</summary>
    /// <exception cref="DirectiveException">The text is not of that form.</exception>
    public static PackageReference Parse(string text, int line) =>
        Form().Match(text) is { Success: true } match
            ? new(match.Groups["id"].Value, match.Groups["version"].Value)
            : throw new DirectiveException(line, $"#r \"nuget: {text}\": name an exact version, as in #r \"nuget: Id, 1.2.3\"");

    [GeneratedRegex(@"^\s*(?<id>[A-Za-z0-9_.-]+)\s*,\s*(?<version>\d+(\.\d+){1,3}(-[0-9A-Za-z.-]+)?)\s*$")]
    private static partial Regex Form();
}
