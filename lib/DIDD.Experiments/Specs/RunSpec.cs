using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using DIDD.Baselines;

namespace DIDD.Experiments;

/// <summary>Everything that determines the result of a run; its hash names the run. JSON ⇄ record.</summary>
public sealed partial record RunSpec : IRuleSettings
{
    /// <summary>The setting that others follow (<see cref="With"/>); where several are changed, it comes first.</summary>
    public const string Leading = "distillation.objective";

    /// <summary>How specs and results are written: camel case, enumerations as words, unknown members refused.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutDefaults } },
    };

    // Settings that are left out of the JSON while they have their default value, too.
    private static readonly JsonSerializerOptions WithDefaults = new(Json)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers = { type => type.Properties.Where(HasDefaultLeftOut).ToList().ForEach(property => property.ShouldSerialize = null) },
        },
    };

    /// <summary>Name of the data set.</summary>
    public string Dataset { get; init; } = "r-mnist";

    /// <summary>Number of domains T.</summary>
    [Range(1, 1000)]
    public int Domains { get; init; } = 20;

    /// <summary>Name of the learner: an update rule, or one of the others in <see cref="Learners"/>.</summary>
    public string Rule { get; init; } = "asymmetric";

    /// <summary>Stored images per class.</summary>
    [Range(1, int.MaxValue)]
    public int Ipc { get; init; } = 1;

    /// <summary>The profile from which the settings started: smoke, laptop or paper.</summary>
    public string Profile { get; init; } = "smoke";

    /// <summary>Seed of all draws.</summary>
    public long Seed { get; init; }

    /// <summary>Which of the data, and how they are made.</summary>
    public DataSettings Data { get; init; } = new();

    /// <summary>Settings of the distillation.</summary>
    public DistillationSettings Distillation { get; init; } = new();

    /// <summary>Settings of the meta step; rules without one ignore them.</summary>
    public MetaSettings Meta { get; init; } = new();

    /// <summary>Settings of <see cref="AsymmetricRule"/>; other rules ignore them.</summary>
    public AsymmetricSettings Asymmetric { get; init; } = new();

    /// <summary>Settings of <see cref="SymmetricRule"/>; other rules ignore them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SymmetricSettings Stable { get; init; } = new();

    /// <summary>Settings of <see cref="LinearRule"/>; other rules ignore them.</summary>
    public LinearSettings Linear { get; init; } = new();

    /// <summary>Settings of <see cref="EwcRule"/>; other rules ignore them.</summary>
    public EwcSettings Ewc { get; init; } = new();

    /// <summary>Settings of <see cref="MasRule"/>; other rules ignore them.</summary>
    public MasSettings Mas { get; init; } = new();

    /// <summary>Settings of <see cref="LwfRule"/>; other rules ignore them.</summary>
    public LwfSettings Lwf { get; init; } = new();

    /// <summary>Settings of <see cref="LfRule"/>; other rules ignore them.</summary>
    public LfSettings Lf { get; init; } = new();

    /// <summary>Settings of <see cref="ConsolidatedRule"/>; other rules ignore them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ConsolidatedSettings Consolidated { get; init; } = new();

    /// <summary>Settings of herding; other rules ignore them.</summary>
    public HerdingSettings Herding { get; init; } = new();

    /// <summary>Settings of gradient matching; objectives other than dc and dsa ignore them.</summary>
    public GradientMatchingSettings GradientMatching { get; init; } = new();

    /// <summary>Settings of trajectory matching; objectives other than mtt ignore them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TrajectorySettings Trajectories { get; init; } = new();

    /// <summary>Settings of the evaluation.</summary>
    public EvaluationSettings Evaluation { get; init; } = new();

    /// <inheritdoc/>
    public T Section<T>() => (T)typeof(RunSpec).GetProperties().Single(property => property.PropertyType == typeof(T)).GetValue(this)!;

    /// <summary>SHA-256 of the spec's JSON, the first 10 hexadecimal digits.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..10];

    /// <summary>Name of the run: data set, IPC, rule, profile, seed and hash.</summary>
    [JsonIgnore]
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Dataset}-ipc{Ipc}-{Rule}-{Profile}-seed{Seed}-{Hash}");

    /// <summary>The spec with one evaluation network: how many there are changes how sure a number is, not what it means.</summary>
    internal RunSpec WithOneNetwork => this with { Evaluation = Evaluation with { Networks = 1 } };

    /// <summary>The spec as JSON, always the same for the same spec.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>The spec as JSON with the settings, too, that <see cref="ToJson"/> leaves out while they have their defaults.</summary>
    internal JsonNode ToNode() => JsonSerializer.SerializeToNode(this, WithDefaults)!;

    /// <summary>
    /// Reads and validates a spec. What a spec with a profile leaves out is the profile's; one without must have all that <see cref="ToJson"/> always writes.
    /// Its <c>$schema</c>, which editors read, is passed over.
    /// </summary>
    /// <param name="json">The JSON.</param>
    /// <param name="source">Where it comes from, for the message.</param>
    /// <exception cref="SpecException">It is no spec, not a valid one, or one of a newer version of this library.</exception>
    public static RunSpec FromJson(string json, string source)
    {
        var spec = Read(json, source);
        spec.Validate();
        return spec;
    }

    /// <summary>As <see cref="FromJson"/>, of a run that is there: its data need not be any more.</summary>
    internal static RunSpec Read(string json, string source)
    {
        try
        {
            return Whole(JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }), source).Deserialize<RunSpec>(Json)!;
        }
        catch (JsonException e) when (UnknownMember().Match(e.Message) is { Success: true } unknown)
        {
            var (name, parent) = (unknown.Groups["name"].Value, e.Path?.TrimStart('$', '.') ?? "");
            var path = parent.Length == 0 ? name : parent.Split('.')[^1] == name ? parent : $"{parent}.{name}";
            throw new SpecException($"{source}: the setting '{path}' is not known: written by a newer version of didd, or misspelt; update didd, or take it out");
        }
        catch (JsonException e)
        {
            throw new SpecException($"{source}: not a run's spec: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    // A spec that ToJson wrote is whole: what it leaves out has the default of the type, whatever the profile's is.
    private static JsonObject Whole(JsonNode? node, string source)
    {
        if (node is not JsonObject spec)
            throw new SpecException($"{source}: not a run's spec: expected an object");
        spec.Remove("$schema");
        var missing = Keys(JsonSerializer.SerializeToNode(new RunSpec(), Json)!).Where(key => At(spec, key.Split('.')) is null).ToList();
        if (missing.Count == 0)
            return spec;
        if (spec["profile"] is null)
            throw new SpecException($"{source}: {(missing.Count > 3 ? $"{string.Join(", ", missing.Take(3))} and {missing.Count - 3} more settings are" : $"{string.Join(", ", missing)}: is")} missing; give a \"profile\" ({string.Join(", ", Profiles.Names)}) from which the rest is taken, or every setting");
        var named = spec.Deserialize<RunSpec>(Json)!;
        var profile = Profiles.Spec(named.Profile, named.Dataset, named.Rule, named.Ipc, named.Seed).With(Leading, named.Distillation.Objective).ToNode().AsObject();
        Merge(profile, spec);
        if (spec["data"] is not null && spec["domains"] is null)
            profile["domains"] = Streams.Count(profile.Deserialize<RunSpec>(Json)!);
        return profile;
    }

    private static JsonNode? At(JsonNode root, IEnumerable<string> path) => path.Aggregate((JsonNode?)root, (node, part) => (node as JsonObject)?[part]);

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from)
            if (value is JsonObject child && into[key] is JsonObject section)
                Merge(section, child);
            else
                into[key] = value?.DeepClone();
    }

    /// <summary>
    /// The spec with one setting changed; a setting of the data that leaves another number of domains changes <see cref="Domains"/> too. With another objective or number of domains, what
    /// had its profile's default has the one that goes with it.
    /// </summary>
    /// <param name="key">Path of the setting, such as <c>distillation.iterations</c>.</param>
    /// <param name="value">Its value as JSON, quotes optional.</param>
    /// <exception cref="SpecException">There is no such setting, or the value is not of its kind.</exception>
    public RunSpec With(string key, string value)
    {
        var root = ToNode();
        var parts = key.Split('.');
        if (At(root, parts.SkipLast(1)) is not JsonObject parent || !parent.TryGetPropertyValue(parts[^1], out var old) || old is JsonObject)
            throw new SpecException($"unknown setting '{key}'; the settings are {string.Join(", ", Keys(root))}");
        parent[parts[^1]] = old!.GetValueKind() == JsonValueKind.String ? JsonValue.Create(value.Trim('"')) : ParseValue(key, value);
        try
        {
            var changed = root.Deserialize<RunSpec>(Json)!;
            // T follows from the domains that are named, and from how a set is divided; other settings follow the objective and, where there are as many iterations in all, T.
            changed = parts[0] == "data" ? changed with { Domains = Streams.Count(changed) } : changed;
            return changed.Domains != Domains || changed.Distillation.Objective != Distillation.Objective
                ? changed.Where(this, same: Profiles.Like(this), then: Profiles.Like(changed)) : changed;
        }
        catch (JsonException)
        {
            throw new SpecException($"{key}={value}: not a value of this setting, which is {old.ToJsonString()} by default here");
        }
    }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="SpecException">One is impossible.</exception>
    public void Validate()
    {
        Known("profile", Profile, Profiles.Names);
        Known("dataset", Dataset, DataSetEntry.ByName.Keys);
        Known("rule", Rule, Learners.Names);
        Known(Leading, Distillation.Objective, ObjectiveEntry.ByName.Keys);
        Known("distillation.kernel", Distillation.Kernel, KernelEntry.ByName.Keys);
        Known("evaluation.architecture", Evaluation.Architecture, ArchitectureEntry.ByName.Keys);
        Bounds("", this);
        Countable("distillation.iterations", Distillation.Iterations, (double)Distillation.Iterations * Domains);
        Countable("evaluation.epochs", Evaluation.Epochs, (double)Evaluation.Epochs * Evaluation.Networks * Domains * (Evaluation.Protocol == Protocol.Official ? (Domains + 1) / 2.0 : 1));
        if (Evaluation is { Protocol: Protocol.Official, Epochs: < 3 })
            throw new SpecException($"evaluation.epochs={Evaluation.Epochs}: must be at least 3");
        Strategy("distillation.augmentation", Distillation.Augmentation);
        Strategy("evaluation.augmentation", Evaluation.Augmentation);
        Learners.Validate(this);
        Streams.Validate(this);
        var shape = Streams.Shape(this);
        var (factor, tile) = (Distillation.Factor, (shape.Height + Distillation.Factor - 1) / Distillation.Factor);
        if ((factor - 1) * tile >= shape.Height)
            throw new SpecException($"distillation.factor={factor}: images of {shape.Height}×{shape.Width} have no pixel for the last of {factor} tiles of {tile} pixels in a row; lower it");
        Fits("herding.network", ConvNet.Entry, Herding.Network);
        Fits("distillation.network", ConvNet.Entry, Distillation.Network);
        Fits("evaluation.network", ArchitectureEntry.ByName[Evaluation.Architecture], Evaluation.Network);

        void Fits(string key, ArchitectureEntry architecture, ConvNetSettings network)
        {
            if (architecture.Refuses(network, shape) is { } fault)
                throw new SpecException($"{key}.{fault}");
        }
    }

    /// <summary>The spec with the values of <paramref name="then"/> wherever those of <paramref name="same"/> stood in <paramref name="before"/> and still stand here.</summary>
    internal RunSpec Where(RunSpec before, RunSpec same, RunSpec then)
    {
        var (mine, old, from, to) = (ToNode(), before.ToNode(), same.ToNode(), then.ToNode());
        foreach (var path in Keys(from).Select(key => key.Split('.')))
        {
            var was = At(old, path);
            if (!JsonNode.DeepEquals(At(from, path), At(to, path)) && JsonNode.DeepEquals(At(from, path), was) && JsonNode.DeepEquals(was, At(mine, path)))
                At(mine, path.SkipLast(1))![path[^1]] = At(to, path)?.DeepClone();
        }
        return mine.Deserialize<RunSpec>(Json)!;
    }

    /// <summary>Every setting of a spec in JSON, by its key, as in <c>distillation.iterations</c>.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Leaves(JsonNode node, string prefix = "") => node.AsObject().SelectMany(
        member => member.Value is JsonObject child ? Leaves(child, $"{prefix}{member.Key}.") : [new(prefix + member.Key, $"{member.Value}")]);

    // The serializer knows the defaults of values alone; settings and names have those of a new object.
    private static void LeaveOutDefaults(JsonTypeInfo type)
    {
        var start = type.CreateObject?.Invoke();
        foreach (var property in type.Properties.Where(HasDefaultLeftOut))
            property.ShouldSerialize = (_, value) => !Equals(value, property.AssociatedParameter is { } parameter ? parameter.DefaultValue : property.Get!(start!));
    }

    private static bool HasDefaultLeftOut(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingDefault }];

    private static void Strategy(string key, string strategy)
    {
        try
        {
            _ = new DiffAugment(strategy);
        }
        catch (ArgumentException e)
        {
            throw new SpecException($"{key}: {e.Message.Split(" (Parameter", 2)[0]}");
        }
    }

    private static void Known(string key, string value, IEnumerable<string> known)
    {
        if (!known.Contains(value))
            throw new SpecException($"{key}={value}: not known; choose one of {string.Join(", ", known)}");
    }

    private static void Countable(string key, int value, double all)
    {
        if (all > int.MaxValue)
            throw new SpecException($"{key}={value}: over all domains that is more than {int.MaxValue}; lower it");
    }

    // What the settings say of themselves: the range of a number, and what does not go together.
    private static void Bounds(string prefix, object settings)
    {
        string Named(string property, object? value) => $"{prefix}{JsonNamingPolicy.CamelCase.ConvertName(property)}={(value is true ? "true" : value)}";
        foreach (var property in settings.GetType().GetProperties().Where(property => property.CanWrite))
        {
            var value = property.GetValue(settings)!;
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
                throw new SpecException($"{Named(property.Name, value)}: must be {(range.MinimumIsExclusive ? "positive" : range.Maximum is int.MaxValue or double.MaxValue ? $"at least {range.Minimum}" : $"between {range.Minimum} and {range.Maximum}")}");
            if (value.GetType() is { IsClass: true } type && type != typeof(string))
                Bounds($"{prefix}{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}.", value);
        }
        foreach (var fault in (settings as IValidatableObject)?.Validate(new ValidationContext(settings)) ?? [])
            throw new SpecException($"{Named(fault.MemberNames.First(), settings.GetType().GetProperty(fault.MemberNames.First())!.GetValue(settings))}: {fault.ErrorMessage}");
    }

    private static JsonNode? ParseValue(string key, string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            throw new SpecException($"{key}={value}: not a number or truth value");
        }
    }

    [GeneratedRegex("^The JSON property '(?<name>[^']*)' could not be mapped")]
    private static partial Regex UnknownMember();

    private static IEnumerable<string> Keys(JsonNode node) => Leaves(node).Select(leaf => leaf.Key);
}
