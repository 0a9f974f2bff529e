using DIDD.Baselines;

namespace DIDD.Experiments;

/// <summary>
/// Starting points for specs. <c>smoke</c> shows that everything works, in seconds; <c>laptop</c> has the paper's number of domains and is smaller in all else, in
/// minutes; <c>paper</c> has the paper's constants.
/// </summary>
public static class Profiles
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["smoke", "laptop", "paper"];

    /// <summary>Those whose runs are held against the paper, the one closest to it first.</summary>
    public static IReadOnlyList<string> HeldAgainstThePaper { get; } = ["paper", "laptop"];

    /// <summary>The spec of a profile.</summary>
    /// <param name="profile">One of <see cref="Names"/>.</param>
    /// <param name="dataset">Data set.</param>
    /// <param name="rule">Learner: one of <see cref="Learners.Names"/>.</param>
    /// <param name="ipc">Stored images per class.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="SpecException">There is no such profile.</exception>
    public static RunSpec Spec(string profile, string dataset = "r-mnist", string rule = "asymmetric", int ipc = 1, long seed = 0)
    {
        var spec = Sized(new RunSpec { Dataset = dataset, Rule = rule, Ipc = ipc, Profile = profile, Seed = seed });
        return Learners.WithDefaults(spec);
    }

    /// <summary>The settings that a profile has for the data set, rule, IPC, number of domains and objective of a spec.</summary>
    internal static RunSpec Like(RunSpec spec)
    {
        var sized = Sized(new RunSpec { Dataset = spec.Dataset, Rule = spec.Rule, Ipc = spec.Ipc, Profile = spec.Profile, Seed = spec.Seed, Data = spec.Data });
        return Learners.WithDefaults(sized with { Domains = spec.Domains, Distillation = sized.Distillation with { Objective = spec.Distillation.Objective } });
    }

    private static RunSpec Sized(RunSpec spec)
    {
        var ipc = spec.Ipc;
        return ForData(spec.Profile switch
        {
            "smoke" => Smaller(spec, domains: 3, width: 16, realImages: 16, iterations: 60, networks: 1, epochs: 100, testImages: 1000, candidates: 100, loops: 2),
            "laptop" => Smaller(spec, domains: 20, width: 32, realImages: 32, iterations: 200, networks: 1, epochs: 300, testImages: 2000, candidates: 500, loops: 10),
            "paper" => spec with
            {
                Distillation = spec.Distillation with { LearningRate = LearningRate(ipc) },
                GradientMatching = GradientMatchingSettings.ForIpc(ipc),
            },
            var profile => throw new SpecException($"profile={profile}: not known; choose one of {string.Join(", ", Names)}"),
        });
    }

    // METHOD §2, §5: pictures that may be mirrored are, and a data set may have batches of its own. At most all domains of the default order.
    private static RunSpec ForData(RunSpec spec)
    {
        var entry = Streams.Entry(spec);
        return spec with
        {
            Domains = Streams.DefaultCount(spec),
            Data = spec.Data with { Labels = entry.Labels },
            Distillation = spec.Distillation with { RealImages = Math.Min(spec.Distillation.RealImages, entry.Batch ?? entry.LargestBatch(spec.Profile)) },
            Evaluation = spec.Evaluation with
            {
                Augmentation = entry.MayBeMirrored ? "color_crop_flip_scale_rotate" : spec.Evaluation.Augmentation,
                BatchSize = entry.Batch ?? spec.Evaluation.BatchSize,
            },
        };
    }

    // METHOD §2: η_x = 1/10/20 for IPC 1/10/20.
    private static double LearningRate(int ipc) => ipc >= 20 ? 20 : ipc >= 10 ? 10 : 1;

    private static RunSpec Smaller(RunSpec spec, int domains, int width, int realImages, int iterations, int networks, int epochs, int testImages, int candidates, int loops)
    {
        var matching = GradientMatchingSettings.ForIpc(spec.Ipc);
        return spec with
        {
            Domains = domains,
            Distillation = new DistillationSettings
            {
                Iterations = iterations,
                LearningRate = LearningRate(spec.Ipc),
                RealImages = realImages,
                Network = new ConvNetSettings(width),
            },
            Herding = new HerdingSettings { Candidates = candidates, Network = new ConvNetSettings(width) },
            GradientMatching = matching with { OuterLoops = Math.Min(matching.OuterLoops, loops), InnerLoops = Math.Min(matching.InnerLoops, loops) },
            Evaluation = new EvaluationSettings { Networks = networks, Epochs = epochs, TestImages = testImages, Network = new ConvNetSettings(width) },
        };
    }
}
