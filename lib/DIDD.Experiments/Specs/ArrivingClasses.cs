namespace DIDD.Experiments;

/// <summary>
/// A learner for streams whose classes arrive one after another (<see cref="DomainStream.ClassesAt"/>). Classes do not interact, so those that arrive together have a learner of
/// their own, whose first domain is that of their arrival; once a domain lacks them, they stay as they are. The set has IPC images of every class seen. A domain that is stopped starts from its beginning.
/// </summary>
internal sealed class ArrivingClasses : Learner
{
    private readonly List<(int First, int Count, int Arrival, Learner Learner)> _groups = [];
    private readonly DomainStream _stream;

    /// <summary>Creates the learners.</summary>
    /// <param name="stream">The domains; classes arrive in their order.</param>
    /// <param name="create">Makes the learner of a stream of some classes.</param>
    public ArrivingClasses(DomainStream stream, Func<DomainStream, Learner> create)
    {
        _stream = stream;
        for (var (domain, first) = (0, 0); domain < stream.Domains.Count; domain++)
        {
            if (stream.ClassesAt(domain).Where(c => c >= first).ToList() is not { Count: > 0 } arrived)
                continue;
            var domains = Enumerable.Range(domain, stream.Domains.Count - domain).Where(later => stream.ClassesAt(later).Contains(arrived[0]));
            _groups.Add((first, arrived.Count, domain, create(new SelectedStream(stream, [.. domains], arrived, 0, new Randomness(0), new ClassShard(first, stream.Classes.Count)))));
            first += arrived.Count;
        }
    }

    /// <inheritdoc/>
    public override int Iterations => _groups[0].Learner.Iterations;

    /// <summary>Makes the set after a domain; its records are those of the classes that were there before, at the first domain and where none are, of those that arrive.</summary>
    /// <inheritdoc/>
    public override SyntheticSet Learn(
        int domain, SyntheticSet? previous, Action<IterationRecord>? record = null, Checkpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        var present = _stream.ClassesAt(domain);
        var learning = _groups.Where(group => present.Contains(group.First)).ToList();
        var logged = learning.Where(group => group.Arrival < domain).ToList() is { Count: > 0 } before ? before : learning;
        var records = logged.Select(_ => new Dictionary<int, IterationRecord>()).ToList();
        var sets = new List<SyntheticSet>();
        try
        {
            foreach (var group in _groups.Where(group => group.Arrival <= domain).OrderByDescending(group => group.Arrival))
            {
                var own = group.Arrival < domain ? previous!.OfClasses(group.First, group.Count) : null;
                if (!learning.Contains(group))
                {
                    sets.Insert(0, own!);
                    continue;
                }
                var position = logged.IndexOf(group);
                using (own)
                    sets.Insert(0, group.Learner.Learn(domain - group.Arrival, own, Log, null, cancellation));

                // The oldest classes come last; with theirs a record is whole.
                void Log(IterationRecord one)
                {
                    if (position < 0)
                        return;
                    records[position][one.Iteration] = one with { Domain = domain };
                    if (position == 0)
                        record?.Invoke(ShardMerge.Join([.. logged.Select((part, i) => (records[i][one.Iteration], part.Count))]));
                }
            }
            return SyntheticSet.Join(sets);
        }
        finally
        {
            sets.ForEach(set => set.Dispose());
        }
    }
}
