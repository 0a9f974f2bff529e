using DIDD.Baselines;

namespace DIDD.Experiments;

/// <summary>The learners by the names that the command line and specs use for <c>rule</c>: every update rule, and what is none.</summary>
public static class Learners
{
    private const string JointOver = "joint-";

    /// <summary>All names, the update rules first.</summary>
    public static IReadOnlyList<string> Names => [.. RuleEntry.ByName.Keys, .. LearnerEntry.ByName.Values.SelectMany(entry => entry.OldNames.Prepend(entry.Name))];

    /// <summary>How figures and tables call a learner; an old name of joint learning with its objective.</summary>
    /// <param name="rule">One of <see cref="Names"/>; any other is its own title.</param>
    public static string Title(string rule) =>
        RuleEntry.ByName.TryGetValue(rule, out var entry) ? entry.Title
        : Other(rule) is not { } other ? rule
        : rule == other.Name ? other.Title : $"{other.Title} ({rule[JointOver.Length..].ToUpperInvariant()})";

    /// <summary>The learner of a valid spec.</summary>
    public static Learner Create(RunSpec spec, DomainStream stream, Randomness randomness, Device device) =>
        spec.Data.Arriving > 0 && Other(spec) is not { Joint: true } ? new ArrivingClasses(stream, part => OfAll(spec, part, randomness, device)) : OfAll(spec, stream, randomness, device);

    private static Learner OfAll(RunSpec spec, DomainStream stream, Randomness randomness, Device device) => Other(spec) is { } entry
        ? entry.Create(new LearnerContext(
            stream, spec.Ipc, spec.Distillation, spec.Herding, randomness, device,
            (all, settings) => Distiller(spec with { Distillation = settings }, all, _ => new FinetuneRule(), randomness, device)))
        : Distiller(spec, stream, context => RuleEntry.ByName[spec.Rule].Create(spec, context), randomness, device);

    /// <summary>The name of a spec's objective: its setting's, or the one that an old name of joint learning has in it.</summary>
    public static string ObjectiveName(RunSpec spec) => spec.Rule.StartsWith(JointOver, StringComparison.Ordinal) ? spec.Rule[JointOver.Length..] : spec.Distillation.Objective;

    /// <summary>The objective of a valid spec.</summary>
    public static MatchingObjective Objective(RunSpec spec) =>
        ObjectiveEntry.ByName[ObjectiveName(spec)].Create(new ObjectiveSettings(spec.Distillation.Kernel, spec.Distillation.Targets, spec.GradientMatching, spec.Trajectories));

    /// <summary>Distils all domains of a stream of one's own, in memory; <see cref="Runner"/> does it for the data sets that specs know, on disk.</summary>
    /// <param name="spec">Rule, IPC and settings; its data set and number of domains are passed over.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="domainDone">Called after every domain with its index, from 0, and its set, which must not be kept.</param>
    /// <param name="device">Where to compute; the CPU by default.</param>
    /// <param name="cancellation">Stops between two iterations. Without one, the host's watcher can.</param>
    /// <returns>X̂_T; the caller disposes of it.</returns>
    /// <exception cref="DIDD.Data.DataSetException">A class has fewer images than a batch or the start needs.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded.</exception>
    public static SyntheticSet Distil(RunSpec spec, DomainStream stream, Action<int, SyntheticSet>? domainDone = null, Device? device = null, CancellationToken cancellation = default) =>
        RunWatcher.Watched(spec, (watch, token) => DistilAll(spec, stream, domainDone, device, watch, token), cancellation);

    private static SyntheticSet DistilAll(RunSpec spec, DomainStream stream, Action<int, SyntheticSet>? domainDone, Device? device, Action<RunProgress>? watch, CancellationToken interrupt)
    {
        var learner = Create(spec with { Domains = stream.Domains.Count }, stream, new Randomness(spec.Seed), device ?? CPU);
        var clock = Stopwatch.StartNew();
        var first = learner.Joint ? stream.Domains.Count - 1 : 0;
        void Report(IterationRecord record)
        {
            var fraction = (record.Domain - first + (record.Iteration + 1.0) / learner.Iterations) / (stream.Domains.Count - first);
            watch?.Invoke(new RunProgress(
                record.Domain, stream.Domains.Count, false, record.Iteration + 1, learner.Iterations, record.Plastic, null, fraction, clock.Elapsed * (1 / fraction - 1), learner.Look));
        }
        SyntheticSet? set = null;
        for (var domain = first; domain < stream.Domains.Count; domain++)
        {
            var previous = set;
            try
            {
                set = learner.Learn(domain, previous, Report, cancellation: interrupt);
            }
            finally
            {
                previous?.Dispose();
            }
            domainDone?.Invoke(domain, set);
        }
        return set!;
    }

    // The settings with which a rule and an objective start where they are not the profile's (METHOD §9).
    internal static RunSpec WithDefaults(RunSpec spec)
    {
        var (settings, isPaper, objective) = (spec.Distillation, spec.Profile == "paper", ObjectiveEntry.ByName.GetValueOrDefault(ObjectiveName(spec)));
        RunSpec With(DistillationSettings distillation) => spec with { Distillation = distillation };
        var started = objective?.Start is not { } start ? spec : With(settings with
        {
            Iterations = Iterations(spec, start.Iterations),
            LearningRate = start.LearningRate(spec.Ipc, isPaper),
            RealImages = isPaper ? Math.Min(start.RealImages, Streams.Entry(spec).LargestBatch(spec.Profile)) : settings.RealImages,
            Factor = 1,
            Augmentation = objective.Augmentation ?? (Streams.Entry(spec).MayBeMirrored ? ObjectiveStart.StrategyInColor : ObjectiveStart.Strategy),
            Schedule = Schedule.Parallel,
        });
        if (objective?.Section == "trajectories")
            started = started with { Trajectories = TrajectorySettings.ForProfile(spec.Profile) };
        return spec.Rule switch
        {
            _ when Other(spec) is { WholeImages: true } => With(settings with { Factor = 1 }),
            $"{JointOver}dm" => started with { Distillation = started.Distillation with { Kernel = "linear" } },
            _ => RuleEntry.ByName.TryGetValue(spec.Rule, out var rule) ? started with { Distillation = rule.Start(started.Distillation) } : started,
        };
    }

    // Of a domain: those of joint learning, which a spec counts per domain, are as many in all in the profile paper, whatever the number of domains; in smaller profiles there are at
    // most those of the paper's rotations.
    private static int Iterations(RunSpec spec, int all) => spec.Profile != "paper" ? Math.Min(spec.Distillation.Iterations, all / RotatedMnist.PaperDomains)
        : Other(spec) is { Joint: true } ? (int)Math.Ceiling((double)all / spec.Domains)
        : all;

    // What of a spec's names is no update rule.
    private static LearnerEntry? Other(RunSpec spec) => Other(spec.Rule);

    private static LearnerEntry? Other(string rule) => LearnerEntry.ByName.Values.FirstOrDefault(entry => entry.Name == rule || entry.OldNames.Contains(rule));

    // Whether a spec's rule or objective reads a section; all read those that nobody claims.
    private static bool Reads(RunSpec spec, string section) =>
        LearnerEntry.ByName.Values.Any(learner => learner.Section == section) ? Other(spec)?.Section == section
        : ObjectiveEntry.ByName.Values.Any(objective => objective.Section == section) ? ObjectiveEntry.ByName[ObjectiveName(spec)].Section == section
        : RuleEntry.ByName.Values.Where(rule => rule.Sections.Contains(section)).All(rule => rule.Name == spec.Rule);

    /// <summary>The settings of a spec that are not its profile's and that neither its rule nor its objective reads, such as <c>ewc.lambda=5</c> of finetune.</summary>
    public static IReadOnlyList<string> Ignored(RunSpec spec) =>
        [.. new ReportRow(spec with { Seed = 0 }, []).Changes.Where(change => !Reads(spec, change.Split('.')[0]))];

    // What a name promises, the settings must keep.
    internal static void Validate(RunSpec spec)
    {
        var objective = ObjectiveName(spec);
        void Needs(bool concerned, string name, string key, string value, string needed, string instead)
        {
            if (concerned && value != needed)
                throw new SpecException($"{key}={value}: {name} needs {needed}; {instead}");
        }
        Needs(spec.Rule.StartsWith(JointOver, StringComparison.Ordinal), $"rule {spec.Rule}", "distillation.objective", spec.Distillation.Objective, "m3d", "take rule joint for other objectives than its name says");
        Needs(spec.Rule == $"{JointOver}dm", $"rule {spec.Rule}", "distillation.kernel", spec.Distillation.Kernel, "linear", "take joint-m3d for other kernels");
        if (ObjectiveEntry.ByName[objective].Augmentation is { } promised)
            Needs(true, objective, "distillation.augmentation", spec.Distillation.Augmentation, promised, "take dsa (joint-dsa) for augmentation");
        Needs(Other(spec)?.ForTiles is not null, $"rule {spec.Rule}", "distillation.factor", $"{spec.Distillation.Factor}", "1", Other(spec)?.ForTiles!);
        if (Other(spec) is { Joint: true } && spec.Evaluation.Protocol == Protocol.Replay)
            throw new SpecException($"evaluation.protocol=replay: rule {spec.Rule} has one set, of all domains at once, and none for a network that learns them one after another; take clean or official");
        if (spec.Data.Arriving > 0 && Other(spec) is { Distils: true, Joint: false })
            throw new SpecException($"data.arriving={spec.Data.Arriving}: rule {spec.Rule} keeps a set of every domain, so that classes would have different numbers of images; take another rule");
        if (spec.Data.Arriving > 0 && Other(spec) is not { Joint: true } && Together(spec) is { } together)
            throw new SpecException($"data.arriving={spec.Data.Arriving}: {together}, so that classes cannot arrive one after another; leave it out");
        if (!Objective(spec).KeepsClassesApart && spec.Distillation.Schedule == Schedule.ClassSequential)
            throw new SpecException($"distillation.schedule=classSequential: the objective {objective} does not keep classes apart, so that all are stepped together; set it to parallel");
    }

    // What a class gives must not depend on the others.
    internal static void ValidateShard(RunSpec spec)
    {
        if ((spec.Data.Arriving > 0 ? "data.arriving: classes arrive one after another" : Together(spec)) is { } reason)
            throw new SpecException($"{reason}, so it cannot be divided by --classes; leave that out");
    }

    // Why the classes of a spec go together; null where they do not.
    private static string? Together(RunSpec spec) =>
        RuleEntry.ByName.GetValueOrDefault(spec.Rule)?.ClassesInteract(spec) is { } shared ? $"rule {spec.Rule}: {shared}"
        : Objective(spec).Need != NetworkNeed.Fresh ? $"objective {ObjectiveName(spec)}: its networks see all classes at once"
        : null;

    // Classes of a domain with fewer images than a batch or a start takes, a line each (METHOD §8).
    internal static IEnumerable<string> SmallClasses(RunSpec spec, DomainStream stream, int domain)
    {
        var (tiles, distils) = (spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor, Other(spec) is not { Distils: false });
        var starts = domain == 0 || Other(spec) is { StartsFromReal: true } || RuleEntry.ByName.GetValueOrDefault(spec.Rule) is { StartsFromReal: true } ? tiles : distils ? 0 : (tiles + domain) / (domain + 1);
        var (needed, what) = distils && spec.Distillation.RealImages >= starts ? (spec.Distillation.RealImages, "a batch") : (starts, "the start");
        var train = stream.Train(domain);
        return stream.ClassesAt(domain).Select(c => (train.ByClass[c].Count, Class: stream.Classes[c])).Where(small => small.Count < needed)
            .Select(small => $"domain {domain + 1}, class {small.Class}: {small.Count} training images, fewer than the {needed} of {what}; some are drawn again");
    }

    private static Distiller Distiller(RunSpec spec, DomainStream stream, Func<RuleContext, UpdateRule> createRule, Randomness randomness, Device device) => new(
        stream, spec.Ipc, spec.Distillation, createRule, randomness, device,
        Learner.RecordEvery(spec.Distillation.Iterations * Objective(spec).StepsPerNetwork), spec.Meta.Draw, () => Objective(spec),
        clamps: spec.Evaluation.Protocol != Protocol.Official);
}
