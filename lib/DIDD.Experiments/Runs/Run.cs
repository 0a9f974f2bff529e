using System.Security.Cryptography;

namespace DIDD.Experiments;

/// <summary>
/// A run on disk: one folder with <c>spec.json</c>, <c>accuracy.json</c>, <c>log.jsonl</c>, <c>environment.json</c>, and for every domain
/// <c>domain-NN.safetensors</c> and <c>domain-NN.png</c>.
/// </summary>
public sealed class Run
{
    internal const string SpecFile = "spec.json", AccuracyFile = "accuracy.json", LogFile = "log.jsonl", EnvironmentFile = "environment.json",
        CheckpointFile = "checkpoint.safetensors";

    internal static readonly JsonSerializerOptions OneLine = new(RunSpec.Json) { WriteIndented = false };

    private Run(string folder, RunSpec spec, RunAccuracy accuracy)
    {
        (Folder, Spec, Domains, NetworkAccuracies, Budget, Sets) = (folder, spec, accuracy.Domains, accuracy.Networks, accuracy.Budget, accuracy.Sets ?? []);
        Accuracy = accuracy.Matrix();
    }

    /// <summary>The run's folder.</summary>
    public string Folder { get; }

    /// <summary>What was asked for.</summary>
    public RunSpec Spec { get; }

    /// <summary>Names of the domains.</summary>
    public IReadOnlyList<string> Domains { get; }

    /// <summary>Accuracies in per cent, means over the evaluation networks.</summary>
    public AccuracyMatrix Accuracy { get; }

    /// <summary>Images stored after the last domain done, in units of the fixed budget IPC·C; 1 for all rules but distill-gather.</summary>
    public int Budget { get; }

    /// <summary>Accuracy in per cent of every network, [rows][networks][T]: a row per domain done, a single one for all domains at once; null where the protocol does not measure.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<double?>>> NetworkAccuracies { get; }

    /// <summary>SHA-256 of the set after every domain done, in lower case, a row each; empty where the run was made before they were kept.</summary>
    public IReadOnlyList<string> Sets { get; }

    /// <summary>Whether all domains are done.</summary>
    public bool Finished => Accuracy.Done == Accuracy.Domains;

    /// <summary>Opens a run that has at least one domain done.</summary>
    /// <exception cref="DataSetException">The folder is no run, or damaged (<see cref="RunCheck"/>).</exception>
    public static Run Open(string folder)
    {
        var spec = Path.Combine(folder, SpecFile);
        if (!File.Exists(spec))
            throw new DataSetException($"{folder}: no run here ({SpecFile} is missing)");
        if (File.Exists(Path.Combine(folder, Shard.FileName)))
            throw new DataSetException($"{folder}: no run but a shard, classes {Shard.Read(folder).Range}, which has no accuracy; `didd merge` joins the shards of a run");
        if (!RunCheck.IsFinished(folder) && !File.Exists(Path.Combine(folder, AccuracyFile)))
            throw new DataSetException($"{folder}: no domain is done yet; {(RunLock.IsHeld(folder) ? "a process computes this run: wait for it" : "`didd run` with the run's settings goes on")}");
        if (RunCheck.HasSums(folder) && RunCheck.Damage(folder) is { Count: > 0 } damage)
            throw new DataSetException($"{damage[0]}{(damage.Count > 1 ? $" ({damage.Count - 1} more)" : "")}; `didd check {folder}` names all that is wrong, and `didd run` computes it again");
        var path = Path.Combine(folder, AccuracyFile);
        try
        {
            var json = File.ReadAllText(spec);
            // Read where it is needed; what is damaged is said now.
            _ = EnvironmentOf(folder);
            return new Run(folder, RunCheck.HasSums(folder) ? RunSpec.Read(json, spec) : RunSpec.FromJson(json, spec), Read<RunAccuracy>(path));
        }
        catch (ArgumentException e)
        {
            throw new DataSetException($"{path}: no matrix of accuracies ({e.Message}); `didd run` with the run's settings computes it again", e);
        }
    }

    /// <summary>The runs in the folders below a folder that have at least one domain done, by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="damaged">Takes what is wrong with runs that are damaged and left out; null to end with the first.</param>
    /// <exception cref="DataSetException">There is no such folder, or a run in it is damaged.</exception>
    public static IReadOnlyList<Run> All(string folder, Action<string>? damaged = null) => Directory.Exists(folder)
        ? [.. Directory.GetDirectories(folder).Where(path => !path.EndsWith(".tmp", StringComparison.Ordinal) && IsRun(path)).Order(StringComparer.Ordinal).Select(path => Open(path, damaged)).OfType<Run>()]
        : throw new DataSetException($"{folder}: no such folder; recorded runs are in data/runs of the repository, and `didd run` puts others into out/runs");

    // Finished without its accuracies it is damaged; a shard has none.
    private static bool IsRun(string folder) =>
        (RunCheck.IsFinished(folder) || File.Exists(Path.Combine(folder, AccuracyFile))) && !File.Exists(Path.Combine(folder, Shard.FileName));

    private static Run? Open(string folder, Action<string>? damaged)
    {
        try
        {
            return Open(folder);
        }
        catch (Exception e) when (damaged is not null && e is DataSetException or SpecException)
        {
            damaged!(e.Message);
            return null;
        }
    }

    /// <summary>The log: records of the iterations, thinned to at most about 200 per domain.</summary>
    public IReadOnlyList<IterationRecord> Log() => ReadLog(Folder);

    /// <summary>
    /// The records of the log that have cosines of g_S and g_P, but for the first iteration of every domain: there the set is its predecessor, g_S vanishes, and its cosine is that of rounding
    /// errors. Empty where the rule has no L_stable.
    /// </summary>
    public IReadOnlyList<IterationRecord> WithCosines() => [.. Log().Where(record => record is { Cosines: not null, Iteration: > 0 })];

    /// <summary>Where the run was computed; null while it is under way.</summary>
    public RunEnvironment? Environment() => EnvironmentOf(Folder);

    /// <summary>X̂_t, the set after domain t (from 0); for all domains at once there is only the last. The caller disposes of it.</summary>
    /// <exception cref="DataSetException">It was not kept, or is damaged.</exception>
    public SyntheticSet Set(int domain) => File.Exists(SetPath(Folder, domain))
        ? SyntheticSet.Load(SetPath(Folder, domain))
        : throw new DataSetException($"{Folder}: the set after domain {domain + 1} was not kept; take seed 0, or compute the run with `didd run`");

    /// <summary>The file of the set after a domain, from 0, in a run's folder.</summary>
    public static string SetPath(string folder, int domain) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"domain-{domain + 1:00}.safetensors"));

    internal static RunEnvironment? EnvironmentOf(string folder)
    {
        var path = Path.Combine(folder, EnvironmentFile);
        return File.Exists(path) ? Read<RunEnvironment>(path) : null;
    }

    /// <summary>What is wrong with the set of a domain that is done; null for nothing. Without a sum only its header is read.</summary>
    internal static string? Damage(string folder, int domain, string? sum, string sumsFile)
    {
        var path = SetPath(folder, domain);
        if (!File.Exists(path))
            return $"{path} is missing";
        try
        {
            Safetensors.Read(path, _ => false).Dispose();
        }
        catch (DataSetException e)
        {
            return e.Message;
        }
        return sum is not null && Sum(path) != sum ? $"{path} is damaged: it has not the SHA-256 of {sumsFile}" : null;
    }

    internal static string Sum(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    internal static IReadOnlyList<IterationRecord> ReadLog(string folder)
    {
        var (records, damage) = ReadLogUntilDamage(folder);
        return damage is null
            ? records
            : throw new DataSetException($"{Path.Combine(folder, LogFile)}: {damage}; `didd run` with the run's settings computes it again");
    }

    /// <summary>The records up to the first line that is none, and what is wrong with that; null for nothing.</summary>
    internal static (IReadOnlyList<IterationRecord> Records, string? Damage) ReadLogUntilDamage(string folder)
    {
        var path = Path.Combine(folder, LogFile);
        if (!File.Exists(path))
            return ([], "missing");
        var records = new List<IterationRecord>();
        try
        {
            foreach (var record in Records(File.ReadLines(path)))
                records.Add(record);
            return (records, null);
        }
        catch (JsonException)
        {
            return (records, $"line {records.Count + 1} is cut or damaged");
        }
    }

    internal static IEnumerable<IterationRecord> Records(IEnumerable<string> lines) => lines.Select(line => JsonSerializer.Deserialize<IterationRecord>(line, OneLine) ?? throw new JsonException("null"));

    internal static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), RunSpec.Json) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            throw new DataSetException($"{path}: not readable ({e.Message}); `didd run` with the run's settings computes it again", e);
        }
    }
}

/// <summary>Content of <c>accuracy.json</c>.</summary>
/// <param name="Domains">Names of the T domains.</param>
/// <param name="Networks">Accuracy in per cent, [rows][networks][T]: a row per domain done, a single one for all domains at once; null where the protocol does not measure.</param>
/// <param name="Average">A_T after the last domain done, per cent; derived, for readers without this library.</param>
/// <param name="Forgetting">F_T likewise, per cent points; null where there is one row.</param>
/// <param name="Joint">Whether the set was made from all domains at once.</param>
/// <param name="Budget">Images stored after the last domain done, in units of the fixed budget IPC·C.</param>
/// <param name="Sets">SHA-256 of the set after every row's domain, in lower case; null where the run was made before they were kept.</param>
public sealed record RunAccuracy(
    IReadOnlyList<string> Domains, IReadOnlyList<IReadOnlyList<IReadOnlyList<double?>>> Networks, double Average, double? Forgetting, bool Joint = false, int Budget = 1,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Sets = null)
{
    /// <summary>The means over the networks.</summary>
    public AccuracyMatrix Matrix() => Of(Networks, Joint);

    /// <summary>The means over the networks.</summary>
    /// <param name="networks">Accuracy in per cent, [rows][networks][T].</param>
    /// <param name="joint">Whether the set was made from all domains at once.</param>
    /// <exception cref="ArgumentException">They are no such numbers.</exception>
    public static AccuracyMatrix Of(IEnumerable<IReadOnlyList<IReadOnlyList<double?>>> networks, bool joint) =>
        new(
        networks.Select(row => row is [{ Count: var domains }, ..] && row.All(network => network?.Count == domains && network.All(value => value is null or (>= 0 and <= 100)))
            ? Enumerable.Range(0, domains).Select(k => row.Average(network => network[k])).ToArray()
            : throw new ArgumentException("a row is no list of accuracies in per cent", nameof(networks))), joint);
}
