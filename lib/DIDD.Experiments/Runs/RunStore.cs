namespace DIDD.Experiments;

/// <summary>
/// Runs by their spec: recorded ones in <c>data/runs</c> of the repository are opened, all others are computed into <c>out/runs</c>, where they
/// stay for the next time. Where there is no repository, both are folders of the current folder. A stored run counts only for the build of the library that computed it; a recorded one says its commit.
/// </summary>
public static class RunStore
{
    /// <summary>Where runs go unless another folder is named: <c>out/runs</c> of the repository, or of the current folder where there is none.</summary>
    public static string OutputFolder => Of("out");

    /// <summary>Where recorded runs are: <c>data/runs</c> of the repository, or of the current folder where there is none.</summary>
    public static string RecordedFolder => Of("data");

    /// <summary>A file beside the folder of the recorded runs, such as <c>claims.json</c>.</summary>
    public static string BesideRecorded(params string[] parts) => Path.Combine([Path.GetDirectoryName(RecordedFolder)!, .. parts]);

    /// <summary>Opens the run of a spec; computes it, or what is missing of it, where need be.</summary>
    /// <param name="spec">What to compute; must be valid.</param>
    /// <param name="progress">Takes the progress, many times a second; without one the <see cref="RunWatcher.Host"/>'s watcher does.</param>
    /// <param name="cancellation">Stops the computation, and keeps where it is.</param>
    /// <exception cref="DataSetException">Data are missing or damaged.</exception>
    public static Run OpenOrCompute(RunSpec spec, Action<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (Find(spec) is { } recorded)
            return recorded;
        spec.Validate();
        var runner = new Runner(spec, Path.Combine(OutputFolder, $"{spec.Name}-{Build(typeof(DataFolder))}{Build(typeof(RunStore))}"));
        return progress is not null ? runner.Execute(progress, cancellation) : RunWatcher.Watched(spec, runner.Execute, cancellation);
    }

    /// <summary>Opens the recorded run of a spec; null where there is none that is finished.</summary>
    /// <exception cref="DataSetException">The run is damaged.</exception>
    public static Run? Find(RunSpec spec)
    {
        var folder = Path.Combine(RecordedFolder, spec.Name);
        return RunCheck.IsFinished(folder) ? Run.Open(folder) : null;
    }

    /// <summary>A run, and after it the recorded ones that differ from it in their seed alone.</summary>
    /// <exception cref="DataSetException">A recorded run is damaged.</exception>
    public static IReadOnlyList<Run> WithSeeds(Run run) => [run, .. Recorded(run.Spec).Where(other => other.Spec.Seed != run.Spec.Seed)];

    /// <summary>The finished recorded runs of <c>data/runs</c>, by name.</summary>
    /// <exception cref="DataSetException">There is no such folder, or a run in it is damaged.</exception>
    public static IReadOnlyList<Run> Recorded() => [.. Run.All(RecordedFolder).Where(run => run.Finished)];

    /// <summary>The finished recorded runs of a spec, whatever their seed, by seed; nothing is computed.</summary>
    /// <exception cref="DataSetException">A run is damaged.</exception>
    public static IReadOnlyList<Run> Recorded(RunSpec spec)
    {
        var start = spec.Name[..(spec.Name.LastIndexOf("-seed", StringComparison.Ordinal) + "-seed".Length)];
        var names = Directory.Exists(RecordedFolder) ? Directory.GetDirectories(RecordedFolder, start + "*").Select(path => Path.GetFileName(path)!).ToHashSet() : [];
        var seeds = names.Select(name => long.TryParse(name[start.Length..Math.Max(start.Length, name.LastIndexOf('-'))], CultureInfo.InvariantCulture, out var seed) ? seed : spec.Seed).Distinct().Order();
        return [.. seeds.Select(seed => spec with { Seed = seed }).Where(each => names.Contains(each.Name)).Select(Find).OfType<Run>()];
    }

    /// <summary>Whether a run is one of those in <c>data/runs</c>, which stay beside the code.</summary>
    public static bool IsRecorded(Run run) => Path.GetDirectoryName(Path.GetFullPath(run.Folder)) == RecordedFolder;

    private static string Of(string folder) => Path.GetFullPath(Path.Combine(folder, "runs"), DataFolder.Repository() ?? Directory.GetCurrentDirectory());

    // The core's and this project's own: either alone can change.
    private static string Build(Type type) => type.Assembly.ManifestModule.ModuleVersionId.ToString("N", CultureInfo.InvariantCulture)[..4];
}
