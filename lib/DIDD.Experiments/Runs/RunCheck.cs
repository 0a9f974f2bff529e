using System.Security.Cryptography;
using System.Text;

namespace DIDD.Experiments;

/// <summary>A file of a run that is not as it was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="What">What is wrong, such as <c>missing</c>.</param>
public sealed record RunDamage(string Path, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {What}";
}

/// <summary>
/// Whether the files of a run or shard are those that were written. A finished one has <c>SHA256SUMS</c>, which <c>sha256sum --check</c> reads too, with a line for
/// every file that was kept: what it names is there and has its sum, what it does not name was not kept. One that an older version left has none; of that
/// it is checked that its files can be read, and that sets have the sums that <c>accuracy.json</c> or <c>shard.json</c> may have.
/// </summary>
public static partial class RunCheck
{
    internal const string FileName = "SHA256SUMS";

    /// <summary>Whether a folder has the sums of its files.</summary>
    public static bool HasSums(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Whether a folder has a file of a run or shard, whole or not.</summary>
    public static bool IsRun(string folder) => ((string[])[Run.SpecFile, Run.AccuracyFile, Shard.FileName, Run.EnvironmentFile, FileName]).Any(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>Whether a run or shard was computed to its end.</summary>
    public static bool IsFinished(string folder) => HasSums(folder) || File.Exists(Path.Combine(folder, Run.EnvironmentFile));

    /// <summary>What is wrong with a run or shard; empty for nothing.</summary>
    public static IReadOnlyList<RunDamage> Damage(string folder) => HasSums(folder) ? AgainstSums(folder) : Unreadable(folder);

    /// <summary>Writes the sums of what is in a folder.</summary>
    internal static void Write(string folder, params (string Name, string Text)[] coming)
    {
        var there = Directory.GetFiles(folder).Where(path => Content().IsMatch(Path.GetFileName(path)) && !coming.Any(file => file.Name == Path.GetFileName(path)))
            .Select(path => (Name: Path.GetFileName(path), Sum: Run.Sum(path)));
        var sums = there.Concat(coming.Select(file => (file.Name, Sum: SumOf(file.Text)))).OrderBy(file => file.Name, StringComparer.Ordinal);
        AtomicFile.WriteText(Path.Combine(folder, FileName), string.Concat(sums.Select(file => $"{file.Sum}  {file.Name}\n")));
    }

    /// <summary>The sum that a file shall have; null where there are no sums, or it was not kept.</summary>
    internal static string? Expected(string folder, string name) => HasSums(folder) ? Read(folder)?.GetValueOrDefault(name) : null;

    internal static string SumOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // Null where the file is damaged itself.
    private static Dictionary<string, string>? Read(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, FileName)).Select(line => SumLine().Match(line)).ToList();
        return lines.Count > 0 && lines.TrueForAll(line => line.Success) && lines.DistinctBy(line => line.Groups["name"].Value).Count() == lines.Count
            ? lines.ToDictionary(line => line.Groups["name"].Value, line => line.Groups["sum"].Value)
            : null;
    }

    private static List<RunDamage> AgainstSums(string folder)
    {
        if (Read(folder) is not { } sums)
            return [new(Path.Combine(folder, FileName), "damaged: not every line is a sum and a file's name")];
        var damage = new List<RunDamage>();
        foreach (var (name, sum) in sums)
        {
            var path = Path.Combine(folder, name);
            try
            {
                if (!File.Exists(path))
                    damage.Add(new(path, "missing"));
                else if (Run.Sum(path) != sum)
                    damage.Add(new(path, $"damaged or changed: it has not the SHA-256 of {FileName}"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                damage.Add(new(path, $"cannot be read: {e.Message}"));
            }
        }
        return damage;
    }

    private static List<RunDamage> Unreadable(string folder)
    {
        var damage = new List<RunDamage>();
        RunSpec? spec = null;
        void Try(string name, Action<string> read)
        {
            var path = Path.Combine(folder, name);
            try
            {
                if (File.Exists(path))
                    read(path);
                else
                    damage.Add(new(path, "missing"));
            }
            catch (Exception e) when (e is DataSetException or SpecException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                damage.Add(new(path, $"damaged: {e.Message.Replace($"{path}: ", "", StringComparison.Ordinal)}"));
            }
        }
        Try(Run.SpecFile, path => spec = RunSpec.FromJson(File.ReadAllText(path), path));
        if (spec is not null && NameOfRun().Match(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))) is { Success: true } name && name.Groups["hash"].Value != spec.Hash)
            damage.Add(new(Path.Combine(folder, Run.SpecFile), $"changed: its hash is {spec.Hash}, and the folder's name has {name.Groups["hash"].Value}"));
        var isShard = File.Exists(Path.Combine(folder, Shard.FileName));
        IReadOnlyList<string>? sums = null;
        var domains = 0;
        if (isShard)
            Try(Shard.FileName, _ =>
            {
                var shard = Shard.Read(folder);
                (sums, domains) = (shard.Sets, shard.Domains.Count);
            });
        else
            Try(Run.AccuracyFile, path =>
            {
                var accuracy = Run.Read<RunAccuracy>(path);
                (sums, domains) = (accuracy.Sets, accuracy.Matrix().Done);
            });
        if (File.Exists(Path.Combine(folder, Run.EnvironmentFile)))
            Try(Run.EnvironmentFile, path => Run.Read<RunEnvironment>(path));
        if (Run.ReadLogUntilDamage(folder).Damage is { } wrong)
            damage.Add(new(Path.Combine(folder, Run.LogFile), wrong == "missing" ? wrong : $"damaged: {wrong}"));
        var first = domains - (sums?.Count ?? 0);
        for (var domain = 0; domain < domains; domain++)
        {
            var path = Run.SetPath(folder, domain);
            if (File.Exists(path) && Run.Damage(folder, domain, sums is not null && domain >= first ? sums[domain - first] : null, isShard ? Shard.FileName : Run.AccuracyFile) is { } problem)
                damage.Add(new(path, $"damaged: {problem.Replace($"{path}: ", "", StringComparison.Ordinal)}"));
            var sheet = Path.ChangeExtension(path, ".png");
            if (File.Exists(sheet))
                Try(Path.GetFileName(sheet), file => ImageFile.Read(file).Dispose());
        }
        return damage;
    }

    [GeneratedRegex(@"^(spec\.json|accuracy\.json|shard\.json|log\.jsonl|environment\.json|domain-\d+\.(safetensors|png))$")]
    private static partial Regex Content();

    [GeneratedRegex(@"^(?<sum>[0-9a-f]{64})  (?<name>[A-Za-z0-9.-]+)$")]
    private static partial Regex SumLine();

    [GeneratedRegex("-seed-?[0-9]+-(?<hash>[0-9a-f]{10})(-|$)")]
    private static partial Regex NameOfRun();
}
