namespace DIDD.Experiments;

/// <summary>
/// Specs by name: <c>r-mnist/ipc10/asymmetric</c> is that cell of the paper's tables with the paper's constants, <c>laptop/r-mnist/ipc10/asymmetric</c>
/// and <c>smoke/…</c> are the same at the size of that profile; <c>/official</c> at the end evaluates by the authors' protocol in place of the clean one.
/// </summary>
public static class Presets
{
    private const string FullSize = "paper", AuthorsProtocol = "official";
    private const int NearNames = 5;

    private static readonly Dictionary<string, (string Profile, string Dataset, int Ipc, string Rule, bool Official)> Cells =
        (from profile in Profiles.Names.Reverse()
         from dataset in DataSetEntry.ByName.Keys
         from ipc in DataSetEntry.ByName[dataset].Ipcs
         from rule in Learners.Names
         from official in new[] { false, true }
         select (profile, dataset, ipc, rule, official)).ToDictionary(NameOf);

    /// <summary>All names, those with the paper's constants first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Cells.Keys];

    /// <summary>The spec of a preset, valid.</summary>
    /// <param name="name">One of <see cref="Names"/>; <c>paper/</c> may stand before those without a profile.</param>
    /// <param name="seed">Seed of all draws.</param>
    /// <exception cref="SpecException">There is no such preset; the message names near ones.</exception>
    public static RunSpec Spec(string name, long seed = 0)
    {
        var known = name.StartsWith($"{FullSize}/", StringComparison.Ordinal) ? name[(FullSize.Length + 1)..] : name;
        if (!Cells.TryGetValue(known, out var cell))
            throw new SpecException($"preset {name}: not known; near are {string.Join(", ", Near(known))}; `didd spec presets` lists all");
        var spec = Profiles.Spec(cell.Profile, cell.Dataset, cell.Rule, cell.Ipc, seed);
        return cell.Official ? spec with { Evaluation = spec.Evaluation with { Protocol = Protocol.Official } } : spec;
    }

    private static string NameOf((string Profile, string Dataset, int Ipc, string Rule, bool Official) cell) =>
        $"{(cell.Profile == FullSize ? "" : $"{cell.Profile}/")}{cell.Dataset}/ipc{cell.Ipc}/{cell.Rule}{(cell.Official ? $"/{AuthorsProtocol}" : "")}";

    // By the pairs of letters that two names share (Dice's coefficient).
    private static IEnumerable<string> Near(string name)
    {
        var wanted = Pairs(name);
        return Names.OrderByDescending(known => 2.0 * wanted.Intersect(Pairs(known)).Count() / (wanted.Count + Pairs(known).Count)).Take(NearNames);
    }

    private static HashSet<(char, char)> Pairs(string name) => [.. name.Zip(name.Skip(1))];
}
