namespace DIDD.Experiments;

/// <summary>
/// Finished shards that together are all classes of a run, joined into the run: <see cref="Runner"/> takes their sets in place of distilling, evaluates and
/// writes them, and the run is one as any other.
/// </summary>
public sealed class ShardMerge
{
    private readonly IReadOnlyList<(string Folder, Shard Shard)> _shards;

    private ShardMerge(RunSpec spec, IReadOnlyList<(string Folder, Shard Shard)> shards) => (Spec, _shards) = (spec, shards);

    /// <summary>The run.</summary>
    public RunSpec Spec { get; }

    /// <summary>Where the shards were computed, in the order of their classes.</summary>
    public IReadOnlyList<RunEnvironment> Environments => [.. _shards.Select(shard => Run.EnvironmentOf(shard.Folder)!)];

    /// <summary>Opens shards and checks that they are those of one run, whole, and all.</summary>
    /// <param name="folders">Their folders, in any order.</param>
    /// <exception cref="SpecException">They do not belong together, a class is missing or there twice, or a shard is not finished.</exception>
    /// <exception cref="DataSetException">A folder is no shard, or is damaged.</exception>
    public static ShardMerge Open(IReadOnlyList<string> folders)
    {
        if (folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } nowhere)
            throw new SpecException($"{nowhere}: no such folder");
        var shards = folders.Select(folder => (Folder: folder, Shard: Shard.Read(folder))).OrderBy(shard => shard.Shard.First).ThenBy(shard => shard.Shard.Last).ToList();
        if (shards.Count == 0)
            throw new SpecException("no shards to merge");
        var (firstFolder, first) = shards[0];
        var spec = SpecOf(firstFolder);
        foreach (var (folder, shard) in shards)
        {
            if (SpecOf(folder) != spec)
                throw new SpecException($"{folder}: a shard of another spec ({SpecOf(folder).Name}) than {firstFolder} ({spec.Name}); merge shards of one run");
            if (!shard.Classes.SequenceEqual(first.Classes) || !shard.Domains.SequenceEqual(first.Domains))
                throw new SpecException($"{folder}: has other classes or domains of {spec.Dataset} than {firstFolder}; the data were not the same");
            if (!shard.Finished || Run.EnvironmentOf(folder) is null)
                throw new SpecException($"{folder}: classes {shard.Range} are not finished ({shard.Start + shard.Sets.Count} of {shard.Domains.Count} domains); run `didd run {Path.Combine(folder, Run.SpecFile)} --classes {shard.Range} --out {folder}` again");
        }
        Cover(shards, first.Classes.Count);
        var all = shards.Max(shard => Run.ReadLogUntilDamage(shard.Folder).Records.Count);
        foreach (var (folder, shard) in shards)
        {
            if (RunCheck.Damage(folder) is [var damage, ..])
                throw new DataSetException($"{damage}; run that shard again, which computes what is damaged");
            var (records, wrong) = Run.ReadLogUntilDamage(folder);
            if (wrong is null && records.Count < all)
                wrong = $"{all - records.Count} records are missing";
            if (wrong is not null)
                throw new DataSetException($"{Path.Combine(folder, Run.LogFile)}: {wrong}; run that shard again, which computes what is damaged");
        }
        return new ShardMerge(spec, shards);
    }

    /// <summary>What gives the shards' sets as if it had distilled them.</summary>
    internal Learner Learner(int iterations, Device device) => new Joined(_shards, iterations, device);

    private static RunSpec SpecOf(string folder)
    {
        var path = Path.Combine(folder, Run.SpecFile);
        return File.Exists(path) ? RunSpec.FromJson(File.ReadAllText(path), path) : throw new DataSetException($"{folder}: no shard here ({Run.SpecFile} is missing)");
    }

    private static void Cover(List<(string Folder, Shard Shard)> shards, int classes)
    {
        var next = 0;
        for (var i = 0; i < shards.Count; i++)
        {
            var range = shards[i].Shard.Range;
            if (range.First < next)
                throw new SpecException($"{shards[i].Folder}: class {range.First} is also in {shards[i - 1].Folder}; every class must be in one shard");
            Missing(range.First);
            next = range.Last + 1;
        }
        Missing(classes);

        void Missing(int end)
        {
            if (end > next)
                throw new SpecException($"classes {new ClassRange(next, end - 1)} of 0-{classes - 1} are in no shard; compute them with --classes {new ClassRange(next, end - 1)}");
        }
    }

    // The record of an iteration from those of the shards, each with its number of classes: what is a mean over classes is one again, what is there per class or tile is put
    // together, and times are the slowest shard's.
    internal static IterationRecord Join(IReadOnlyList<(IterationRecord Record, int Classes)> shards)
    {
        var first = shards[0].Record;
        double? Mean(Func<IterationRecord, double?> value) => value(first) is null ? null : shards.Sum(shard => value(shard.Record) * shard.Classes) / shards.Sum(shard => shard.Classes);
        return first with
        {
            Plastic = Mean(record => record.Plastic)!.Value,
            Stable = Mean(record => record.Stable),
            Cosines = All(shards, record => record.Cosines),
            Alpha = Mean(record => record.Alpha),
            Beta = Mean(record => record.Beta),
            Seconds = shards.Max(shard => shard.Record.Seconds),
            Diagnostics = first.Diagnostics is null ? null : new IterationDiagnostics(
                (float)Mean(record => record.Diagnostics!.PlasticNorm)!.Value,
                (float?)Mean(record => record.Diagnostics!.StableNorm),
                All(shards, record => record.Diagnostics!.TileCosines),
                All(shards, record => record.Diagnostics!.StableInnerProducts),
                All(shards, record => record.Diagnostics!.PlasticInnerProducts),
                All(shards, record => record.Diagnostics!.KktResidual),
                new StageSeconds(
                    shards.Max(shard => shard.Record.Diagnostics!.Seconds.Targets), shards.Max(shard => shard.Record.Diagnostics!.Seconds.Gradients),
                    shards.Max(shard => shard.Record.Diagnostics!.Seconds.Rule), shards.Max(shard => shard.Record.Diagnostics!.Seconds.Update)),
                first.Diagnostics.Tiles is null ? null : new TileDiagnostics(
                    All(shards, record => record.Diagnostics!.Tiles!.Cosines)!,
                    All(shards, record => record.Diagnostics!.Tiles!.Alpha),
                    All(shards, record => record.Diagnostics!.Tiles!.Beta))),
        };
    }

    private static T[]? All<T>(IReadOnlyList<(IterationRecord Record, int Classes)> shards, Func<IterationRecord, IReadOnlyList<T>?> values) =>
        values(shards[0].Record) is null ? null : [.. shards.SelectMany(shard => values(shard.Record)!)];

    private sealed class Joined(IReadOnlyList<(string Folder, Shard Shard)> shards, int iterations, Device device) : Learner
    {
        private readonly IReadOnlyList<IReadOnlyList<IterationRecord>> _logs = [.. shards.Select(shard => Run.ReadLog(shard.Folder))];

        public override int Iterations => iterations;

        public override bool Joint => shards[0].Shard.Joint;

        public override SyntheticSet Learn(
            int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
        {
            foreach (var records in _logs.SelectMany((log, i) => log.Where(r => r.Domain == domain).Select(r => (Record: r, Weight: shards[i].Shard.Range.Count))).GroupBy(r => r.Record.Iteration))
                record?.Invoke(Join([.. records]));
            var sets = shards.Select(shard => SyntheticSet.Load(Run.SetPath(shard.Folder, domain), device)).ToList();
            try
            {
                return SyntheticSet.Join(sets);
            }
            finally
            {
                sets.ForEach(set => set.Dispose());
            }
        }
    }
}
