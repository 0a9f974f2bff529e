using DIDD.Distillation;

namespace DIDD.Experiments;

/// <summary>The log of a run from those of its shards: what is a mean over classes is one again, what is there per class or tile is put together, and times are the slowest shard's.</summary>
internal static class ShardLog
{
    /// <summary>Joins the records of one iteration, each with the number of classes of its shard, in the order of the classes.</summary>
    public static IterationRecord Join(IReadOnlyList<(IterationRecord Record, int Classes)> shards)
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
}
