namespace DIDD.Experiments;

/// <summary>What is compared, a number of every run.</summary>
public enum ClaimMeasure
{
    /// <summary>A_T, per cent.</summary>
    AverageAccuracy,

    /// <summary>F_T, points.</summary>
    Forgetting,

    /// <summary>Mean accuracy over the first quarter of the domains after the last, per cent; 1–5 of 20.</summary>
    FirstQuarter,

    /// <summary>Over the second quarter, per cent.</summary>
    SecondQuarter,

    /// <summary>Over the third quarter, per cent.</summary>
    ThirdQuarter,

    /// <summary>Over the last quarter, per cent.</summary>
    LastQuarter,

    /// <summary>Accuracy on the newest domain after it, per cent.</summary>
    Newest,

    /// <summary>cos(g_S,g_P), mean over classes, recorded iterations and domains.</summary>
    Cosine,

    /// <summary>The same of the domain where it is largest.</summary>
    LargestCosine,

    /// <summary>Mean of ᾱ and β̄ over the tiles and domains at the last recorded iteration of each.</summary>
    MeanRate,

    /// <summary>Spearman's correlation, over the tiles of a domain, of ᾱ−β̄ with how far a tile moved, mean over the domains; needs the sets of all domains.</summary>
    MovementOfStayingTiles,

    /// <summary>Root mean square of ᾱ−β̄ over the tiles at the end of the last domain; of a run whose set was not kept, where its log has every tile last, in the domain's last quarter.</summary>
    RateDifference,

    /// <summary>Wall-clock seconds of the distillation.</summary>
    Seconds,
}

/// <summary>Runs that differ in their seed alone: a profile's, with some settings changed. In a file a word, such as <c>r-mnist/ipc10/consolidated distillation.decay=none</c>.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Ipc">Stored images per class.</param>
/// <param name="Rule">Learner.</param>
/// <param name="Settings">Settings that differ from the profile's; <c>stable.steps=mean-rate</c> stands for the mean rate of the update (<see cref="Ablations"/>).</param>
[JsonConverter(typeof(InOneWord))]
public sealed partial record ClaimRuns(string Dataset, int Ipc, string Rule, params IReadOnlyList<(string Key, string Value)> Settings)
{
    /// <summary>The spec with seed 0.</summary>
    /// <exception cref="SpecException">There is no such profile, data set, rule or setting.</exception>
    public RunSpec Spec(string profile) => Settings.Aggregate(
        Profiles.Spec(profile, Dataset, Rule, Ipc), (spec, setting) => spec.With(setting.Key, setting.Value == Ablations.MeanRate ? Ablations.MeanRateOf(Dataset, Ipc) : setting.Value));

    [GeneratedRegex("""^([^/ ]+)/ipc(\d{1,6})/([^/ ]+)(?: ([^= ]+)=([^ ]+))*$""")]
    private static partial Regex Word();

    private sealed class InOneWord : JsonConverter<ClaimRuns>
    {
        public override ClaimRuns Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text && Word().Match(text) is { Success: true, Groups: var parts }
                ? new(parts[1].Value, int.Parse(parts[2].Value, CultureInfo.InvariantCulture), parts[3].Value, [.. parts[4].Captures.Zip(parts[5].Captures, (key, value) => (key.Value, value.Value))])
                : throw new JsonException("runs are written as r-mnist/ipc10/consolidated distillation.decay=none: data set, IPC and rule, then settings");

        public override void Write(Utf8JsonWriter writer, ClaimRuns value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}

/// <summary>A comparison that decides a claim: over the seeds that both sides have, paired.</summary>
/// <param name="Measure">What is compared.</param>
/// <param name="Of">The runs that the claim speaks of.</param>
/// <param name="Against">The runs that they are held against; none where the number stands for itself.</param>
/// <param name="Ratio">Whether 100·of/against is taken in place of of − against.</param>
/// <param name="Above">What the effect must be above, with its whole interval; or none.</param>
/// <param name="Below">What it must be below, likewise; or none.</param>
/// <param name="Holds">What its interval must hold, such as 0 where two are not told apart; or none.</param>
public sealed record ClaimComparison(ClaimMeasure Measure, ClaimRuns Of, ClaimRuns? Against = null, bool Ratio = false, double? Above = null, double? Below = null, double? Holds = null);

/// <summary>A claim of the paper, or a finding of this package, and what decides it.</summary>
/// <param name="Id">A short name.</param>
/// <param name="Says">The claim, one sentence; of a finding some, with {0} for the effect of its first comparison.</param>
/// <param name="Where">Where the paper makes it, or what is not known here of it; of a finding where it is shown, in Markdown.</param>
/// <param name="Comparisons">The comparisons, at least one; the claim holds where all do.</param>
/// <param name="Section">Of a finding the place on the pages where it stands.</param>
public sealed record PaperClaim(string Id, string Says, string Where, IReadOnlyList<ClaimComparison> Comparisons, string? Section = null)
{
    /// <summary>Reads the claims of a file such as <c>data/claims.json</c>.</summary>
    /// <param name="path">A JSON file: a list of claims.</param>
    /// <exception cref="DataSetException">It is missing, or no list of claims.</exception>
    public static IReadOnlyList<PaperClaim> Read(string path)
    {
        try
        {
            var claims = JsonSerializer.Deserialize<List<PaperClaim?>>(File.ReadAllText(path), RunSpec.Json) ?? throw new JsonException("null");
            foreach (var claim in claims)
                if (claim?.Comparisons is not { Count: > 0 } comparisons || comparisons.Any(comparison => comparison is null || (comparison.Above ?? comparison.Below ?? comparison.Holds) is null))
                    throw new JsonException($"{claim?.Id ?? "null"}: a claim needs comparisons, each with above, below or both, or holds");
            return claims!;
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataSetException($"{path}: no claims ({e.Message.ReplaceLineEndings(" ")}); restore the file, or name another with --claims or --findings", e);
        }
    }
}
