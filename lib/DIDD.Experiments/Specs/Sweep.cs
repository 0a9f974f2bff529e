namespace DIDD.Experiments;

/// <summary>Many runs: the products of one or several grids, as a file such as <c>data/specs/recorded.sweep.json</c> has them. JSON ⇄ record.</summary>
public sealed record Sweep
{
    private static readonly JsonSerializerOptions Json = new(RunSpec.Json)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Where the schema of this file is, for editors; not read.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>What the sweep is for.</summary>
    public string? Description { get; init; }

    /// <summary>The grids, at least one. A run that is in several counts once.</summary>
    public IReadOnlyList<SweepGrid> Grids { get; init; } = [];

    /// <summary>Reads a sweep.</summary>
    /// <param name="path">A JSON file; comments and trailing commas are allowed.</param>
    /// <exception cref="SpecException">It is missing, or not a sweep.</exception>
    public static Sweep Read(string path)
    {
        if (!File.Exists(path))
            throw new SpecException($"{path}: no such file");
        try
        {
            return JsonSerializer.Deserialize<Sweep>(File.ReadAllText(path), Json) ?? throw new SpecException($"{path}: empty");
        }
        catch (JsonException e)
        {
            throw new SpecException($"{path}: not a sweep: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>
    /// The specs of all runs, valid, each once, in the order in which they are computed: grid by grid; within one the seeds change last, so that
    /// a sweep that was stopped has all cells of fewer seeds.
    /// </summary>
    /// <exception cref="SpecException">There are none, or one is impossible; the message names the grid.</exception>
    public IReadOnlyList<RunSpec> Runs()
    {
        if (Grids.Count == 0)
            throw new SpecException("grids: give at least one");
        return [.. Grids.Index().SelectMany(grid => Runs(grid.Item, $"grids[{grid.Index}]")).DistinctBy(spec => spec.Name)];
    }

    /// <summary>The part of the runs that one of several machines computes: every n-th.</summary>
    /// <param name="runs">All runs.</param>
    /// <param name="shard">Which part and of how many, such as <c>0/4</c>, <c>1/4</c>, <c>2/4</c>, <c>3/4</c>.</param>
    /// <exception cref="SpecException">Not such a part.</exception>
    public static IReadOnlyList<RunSpec> Shard(IReadOnlyList<RunSpec> runs, string shard) => shard.Split('/') is [var first, var second]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var part) && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var parts) && part < parts
        ? [.. runs.Where((_, i) => i % parts == part)]
        : throw new SpecException($"shard {shard}: expected i/n with i from 0 to n−1, such as 0/4");

    private static List<RunSpec> Runs(SweepGrid? grid, string name)
    {
        if (grid is null)
            throw new SpecException($"{name}: empty");
        void NotEmpty<T>(string list, IReadOnlyCollection<T>? values)
        {
            if (values is null or { Count: 0 })
                throw new SpecException($"{name}.{list}: give at least one");
        }
        NotEmpty("datasets", grid.Datasets);
        NotEmpty("ipc", grid.Ipc);
        NotEmpty("rules", grid.Rules);
        NotEmpty("seeds", grid.Seeds);
        foreach (var (key, values) in grid.Settings)
            NotEmpty($"settings[{key}]", values);
        try
        {
            var specs = (
                from seed in grid.Seeds
                from dataset in grid.Datasets
                from ipc in grid.Ipc
                from rule in grid.Rules
                from spec in grid.Settings.OrderBy(setting => setting.Key != RunSpec.Leading).Aggregate(
                    (IEnumerable<RunSpec>)[Profiles.Spec(grid.Profile, dataset, rule, ipc, seed)],
                    (specs, setting) => specs.SelectMany(spec => setting.Value.Select(value => spec.With(setting.Key, Text(value)))))
                select spec).ToList();
            specs.ForEach(spec => spec.Validate());
            return specs;
        }
        catch (SpecException e)
        {
            throw new SpecException($"{name}: {e.Message}");
        }
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}

/// <summary>A product: every data set with every IPC, rule, seed and value of every setting.</summary>
public sealed record SweepGrid
{
    /// <summary>The profile from which the settings start: smoke, laptop or paper.</summary>
    public required string Profile { get; init; }

    /// <summary>Data sets.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>Stored images per class.</summary>
    public required IReadOnlyList<int> Ipc { get; init; }

    /// <summary>Learners: update rules, or what stands for one.</summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>Seeds of all draws.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0];

    /// <summary>Any other setting, such as distillation.iterations, with the values that it shall take.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Settings { get; init; } = new Dictionary<string, IReadOnlyList<JsonElement>>();
}
