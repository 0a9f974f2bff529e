namespace DIDD.Notebooks;

/// <summary>
/// Replaces the random GUIDs that formatters use as HTML ids by ones that count up, so that two runs of a notebook give the same bytes.
/// GUIDs that are no ids are values and stay.
/// </summary>
internal sealed partial class StableIds
{
    private readonly Dictionary<Guid, Guid> _stable = [];

    /// <summary>The HTML with each random id, wherever it occurs in it, replaced.</summary>
    public string Normalise(string html)
    {
        foreach (var random in IdAttribute().Matches(html).Select(match => Guid.Parse(match.Groups["guid"].ValueSpan)).Distinct())
        {
            if (!_stable.TryGetValue(random, out var replacement))
                _stable[random] = replacement = new Guid($"d1dd0000-0000-0000-0000-{_stable.Count:x12}");
            foreach (var format in new[] { "D", "N" })
                html = html.Replace(random.ToString(format), replacement.ToString(format), StringComparison.OrdinalIgnoreCase);
        }

        return html;
    }

    [GeneratedRegex(@"\bid\s*=\s*[""'][^""']*?(?<guid>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})", RegexOptions.IgnoreCase)]
    private static partial Regex IdAttribute();
}
