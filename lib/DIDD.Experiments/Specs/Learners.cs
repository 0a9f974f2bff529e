using DIDD.Baselines;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Rules;
using static TorchSharp.torch;

namespace DIDD.Experiments;

/// <summary>The learners by the names that the command line and specs use for <c>rule</c>: every update rule, and what is none.</summary>
public static class Learners
{
    // METHOD §9 counts iterations in all, a spec counts them per domain.
    private const int MeanMatchingIterations = 20_000;
    private const int GradientMatchingIterations = 1000;
    private const int MatchingRealImages = 256;

    private static readonly Dictionary<string, Func<RunSpec, DomainStream, Randomness, Device, Learner>> Others = new()
    {
        ["reservoir"] = (spec, stream, randomness, device) => RealImages(spec, stream, new RandomSelection(randomness, stream.Shard.First), randomness, device),
        ["random"] = (spec, stream, randomness, device) => RealImages(spec, stream, new RandomSelection(randomness, stream.Shard.First), randomness, device),
        ["herding"] = (spec, stream, randomness, device) => RealImages(spec, stream, new HerdingSelection(spec.Herding, stream, randomness, device), randomness, device),
        ["distill-gather"] = (spec, stream, randomness, device) => new DistillGather(Alone(spec, stream, spec.Distillation, randomness, device)),
        ["joint-m3d"] = MeanEmbeddingOfAll,
        ["joint-dm"] = MeanEmbeddingOfAll,
        ["joint-dsa"] = (spec, stream, randomness, device) => GradientsOfAll(spec, stream, MatchingStart.Real, randomness, device),
        ["joint-dc"] = (spec, stream, randomness, device) => GradientsOfAll(spec, stream, MatchingStart.Noise, randomness, device),
    };

    /// <summary>All names, the update rules first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. UpdateRules.ByName.Keys, .. Others.Keys];

    /// <summary>The learner of a spec.</summary>
    /// <param name="spec">A valid spec.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="randomness">Source of all draws.</param>
    /// <param name="device">Where to compute.</param>
    public static Learner Create(RunSpec spec, DomainStream stream, Randomness randomness, Device device) => Others.TryGetValue(spec.Rule, out var create)
        ? create(spec, stream, randomness, device)
        : new Distiller(
            stream, spec.Ipc, spec.Distillation, context => UpdateRules.ByName[spec.Rule](spec, context), randomness, device,
            Learner.RecordEvery(spec.Distillation.Iterations), spec.Meta.Draw);

    /// <summary>Distils all domains of a stream of one's own, in memory; <see cref="Runner"/> does it for the data sets that specs know, on disk.</summary>
    /// <param name="spec">Rule, IPC and settings; its data set and number of domains are passed over.</param>
    /// <param name="stream">The domains.</param>
    /// <param name="domainDone">Called after every domain with its index, from 0, and its set, which must not be kept.</param>
    /// <param name="device">Where to compute; the CPU by default.</param>
    /// <param name="cancellation">Stops between two iterations. Without one, interrupting a notebook's cell does.</param>
    /// <returns>X̂_T; the caller disposes of it.</returns>
    /// <exception cref="DIDD.Data.DataSetException">A class has fewer images than a batch or the start needs.</exception>
    /// <exception cref="DivergenceException">A loss is no longer finite, or a step exploded.</exception>
    public static SyntheticSet Distil(RunSpec spec, DomainStream stream, Action<int, SyntheticSet>? domainDone = null, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(stream);
        return RunWatcher.Watched(spec, watch => DistilAll(spec, stream, domainDone, device, watch, HostInterrupt.Or(cancellation)));
    }

    private static SyntheticSet DistilAll(RunSpec spec, DomainStream stream, Action<int, SyntheticSet>? domainDone, Device? device, Action<RunProgress>? watch, CancellationToken interrupt)
    {
        var learner = Create(spec with { Domains = stream.Domains.Count }, stream, new Randomness(spec.Seed), device ?? CPU);
        var clock = System.Diagnostics.Stopwatch.StartNew();
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

    // The settings with which a rule starts where they are not the profile's (METHOD §9).
    internal static RunSpec WithDefaults(RunSpec spec)
    {
        var settings = spec.Distillation;
        var realImages = spec.Profile == "paper" ? Math.Min(MatchingRealImages, Profiles.LargestBatch(spec)) : settings.RealImages;
        return spec with
        {
            Distillation = spec.Rule switch
            {
                "random" or "herding" => settings with { Factor = 1 },
                "joint-dm" => settings with
                {
                    Iterations = Iterations(spec, MeanMatchingIterations),
                    LearningRate = spec.Ipc >= 100 ? 10 : 1,
                    RealImages = realImages,
                    Factor = 1,
                    Kernel = "linear",
                    Schedule = Schedule.Parallel,
                },
                "joint-dsa" or "joint-dc" => settings with
                {
                    Iterations = Iterations(spec, GradientMatchingIterations),
                    LearningRate = 0.1,
                    RealImages = realImages,
                    Factor = 1,
                    Augmentation = spec.Rule == "joint-dc" ? "none" : "color_crop_cutout_scale_rotate",
                    Schedule = Schedule.Parallel,
                },
                _ => settings,
            },
        };
    }

    // Of a domain: in the profile paper as many in all, whatever the number of domains; in smaller ones at most those of the paper's rotations.
    private static int Iterations(RunSpec spec, int all) => spec.Profile == "paper"
        ? (int)Math.Ceiling((double)all / spec.Domains)
        : Math.Min(spec.Distillation.Iterations, all / Streams.PaperRotations);

    // The rules that read a section of a spec; the other sections concern all.
    private static readonly Dictionary<string, string[]> ReadBy = new()
    {
        ["asymmetric"] = ["asymmetric"],
        ["linear"] = ["linear"],
        ["ewc"] = ["ewc"],
        ["mas"] = ["mas"],
        ["lwf"] = ["lwf"],
        ["lf"] = ["lf"],
        ["herding"] = ["herding"],
        ["gradientMatching"] = ["joint-dsa", "joint-dc"],
        ["meta"] = ["asymmetric"],
        ["stable"] = ["stable"],
    };

    /// <summary>The settings of a spec that are not its profile's and that its rule does not read, such as <c>ewc.lambda=5</c> of finetune.</summary>
    /// <param name="spec">A valid spec.</param>
    public static IReadOnlyList<string> Ignored(RunSpec spec) =>
        [.. new ReportRow(spec with { Seed = 0 }, []).Changes.Where(change => ReadBy.TryGetValue(change.Split('.')[0], out var rules) && !rules.Contains(spec.Rule))];

    // What a rule's name promises, its settings must keep.
    internal static void Validate(RunSpec spec)
    {
        void Needs(string rule, string key, string value, string needed, string instead)
        {
            if (spec.Rule == rule && value != needed)
                throw new SpecException($"{key}={value}: rule {rule} needs {needed}; {instead}");
        }
        Needs("joint-dm", "distillation.kernel", spec.Distillation.Kernel, "linear", "take joint-m3d for other kernels");
        Needs("joint-dc", "distillation.augmentation", spec.Distillation.Augmentation, "none", "take joint-dsa for augmentation");
        Needs("random", "distillation.factor", $"{spec.Distillation.Factor}", "1", "take reservoir for tiles");
    }

    // What a class gives must not depend on the others.
    internal static void ValidateShard(RunSpec spec)
    {
        var reason = spec.Rule switch
        {
            "asymmetric" when spec.Asymmetric.Assignment == RateAssignment.Shared => "its rates are shared by all classes",
            "lwf" or "lf" => "its teacher is trained on all classes at once",
            "joint-dc" or "joint-dsa" => "its network sees all classes at once",
            _ => null,
        };
        if (reason is not null)
            throw new SpecException($"rule {spec.Rule}: {reason}, so it cannot be divided by --classes; leave that out");
    }

    // Classes of a domain with fewer images than a batch or a start takes, a line each (METHOD §8).
    internal static IEnumerable<string> SmallClasses(RunSpec spec, DomainStream stream, int domain)
    {
        var (tiles, distils) = (spec.Ipc * spec.Distillation.Factor * spec.Distillation.Factor, spec.Rule is not ("reservoir" or "random" or "herding"));
        var starts = domain == 0 || spec.Rule is "distill-gather" or "partition" ? tiles : distils ? 0 : (tiles + domain) / (domain + 1);
        var (needed, what) = distils && spec.Distillation.RealImages >= starts ? (spec.Distillation.RealImages, "a batch") : (starts, "the start");
        return stream.Train(domain).ByClass.Select((images, c) => (images.Count, Class: stream.Classes[c])).Where(small => small.Count < needed)
            .Select(small => $"domain {domain + 1}, class {small.Class}: {small.Count} training images, fewer than the {needed} of {what}; some are drawn again");
    }

    private static Reservoir RealImages(RunSpec spec, DomainStream stream, ISelection selection, Randomness randomness, Device device) =>
        new(stream, spec.Ipc, spec.Distillation.Factor, selection, randomness, device);

    // A domain without a predecessor: L_plastic alone.
    private static Distiller Alone(RunSpec spec, DomainStream stream, DistillationSettings settings, Randomness randomness, Device device) =>
        new(stream, spec.Ipc, settings, _ => new FinetuneRule(), randomness, device, Learner.RecordEvery(settings.Iterations));

    private static JointLearner MeanEmbeddingOfAll(RunSpec spec, DomainStream stream, Randomness randomness, Device device) =>
        new(stream, union => Alone(spec, union, OfAll(spec), randomness, device));

    private static JointLearner GradientsOfAll(RunSpec spec, DomainStream stream, MatchingStart start, Randomness randomness, Device device) =>
        new(stream, union => new GradientMatcher(union, spec.Ipc, OfAll(spec), spec.GradientMatching, start, randomness, device));

    private static DistillationSettings OfAll(RunSpec spec) => spec.Distillation with { Iterations = spec.Distillation.Iterations * spec.Domains };
}
