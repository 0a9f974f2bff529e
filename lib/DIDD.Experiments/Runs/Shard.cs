namespace DIDD.Experiments;

/// <summary>
/// Some classes of a run, distilled without the others: content of <c>shard.json</c>. Its folder has the whole run's <c>spec.json</c>, and of its own classes the
/// sets, the log and <c>environment.json</c>; it has no accuracy, since a network is trained on all classes (<see cref="ShardMerge"/>).
/// </summary>
/// <param name="First">Position of its first class, from 0.</param>
/// <param name="Last">Position of its last class.</param>
/// <param name="Classes">Names of all C classes.</param>
/// <param name="Domains">Names of the T domains.</param>
/// <param name="Joint">Whether the set was made from all domains at once.</param>
/// <param name="Sets">SHA-256 of the set of every domain done, in lower case; a single one for all domains at once.</param>
public sealed record Shard(int First, int Last, IReadOnlyList<string> Classes, IReadOnlyList<string> Domains, bool Joint, IReadOnlyList<string> Sets)
{
    internal const string FileName = "shard.json";

    /// <summary>Its classes.</summary>
    public ClassRange Range => new(First, Last);

    /// <summary>Index of the first domain that has a set, from 0.</summary>
    public int Start => Joint ? Domains.Count - 1 : 0;

    /// <summary>Whether all domains are done.</summary>
    public bool Finished => Start + Sets.Count == Domains.Count;

    /// <summary>Name of a shard, and of its folder.</summary>
    public static string NameOf(RunSpec spec, ClassRange classes) => $"{spec.Name}-classes-{classes}";

    /// <summary>Reads <c>shard.json</c> of a folder.</summary>
    /// <exception cref="DataSetException">There is none, or it is damaged.</exception>
    public static Shard Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new DataSetException($"{folder}: no shard here ({FileName} is missing); `didd run … --classes a-b` makes one");
        var shard = Run.Read<Shard>(path);
        return shard.First >= 0 && shard.First <= shard.Last && shard.Last < shard.Classes.Count && shard.Sets.Count <= shard.Domains.Count - shard.Start
            ? shard
            : throw new DataSetException($"{path}: impossible classes or domains; delete the folder and compute the shard again");
    }
}
