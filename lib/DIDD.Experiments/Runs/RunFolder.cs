namespace DIDD.Experiments;

/// <summary>
/// The folder of a run, or of a shard of one, while it is computed: what a run before has left there, as far as it is good, and what comes. The log is that of
/// the domains done; the one under way is in the checkpoint.
/// </summary>
internal sealed class RunFolder(RunSpec spec, string name, string folder, Action<string> warn)
{
    // Seconds of the domains done, while the run is under way.
    private const string SecondsFile = ".seconds";

    private readonly string _checkpoint = Path.Combine(folder, Run.CheckpointFile);
    private readonly string _seconds = Path.Combine(folder, SecondsFile);
    private readonly Stopwatch _clock = new();
    private List<IterationRecord> _log = [];
    private readonly bool _isNew = !Directory.Exists(folder);
    private double _before;
    private bool _claimed;

    /// <summary>Wall-clock seconds that the run took so far, those of processes before this one too, as far as what they did was kept.</summary>
    public double Seconds => _before + _clock.Elapsed.TotalSeconds;

    /// <summary>Starts the clock.</summary>
    public void Start()
    {
        if (File.Exists(_seconds) && double.TryParse(File.ReadAllText(_seconds), NumberStyles.Float, CultureInfo.InvariantCulture, out var before))
            _before = before;
        _clock.Start();
    }

    /// <summary>Locks the folder, takes it for this spec and does the work. Of a new run that is refused, or diverges before a domain is done, nothing is left.</summary>
    /// <exception cref="SpecException">Another process computes the run, the folder holds a run of another spec, or it cannot be written.</exception>
    public T Locked<T>(Func<T> work)
    {
        try
        {
            using (RunLock.Take(folder))
            {
                Claim();
                try
                {
                    return work();
                }
                catch (Exception e) when (e is SpecException or DivergenceException || (e is DataSetException or IOException or UnauthorizedAccessException && !HasWork()))
                {
                    GiveUp();
                    throw;
                }
            }
        }
        finally
        {
            RemoveWhereGivenUp();
        }
    }

    // Writes the spec, or compares it with the one that is there. Removes what a killed process had not finished writing, and of a finished run what is
    // damaged: it then goes on as one that was stopped.
    private void Claim()
    {
        var path = Path.Combine(folder, Run.SpecFile);
        try
        {
            Restore(path);
            if (!File.Exists(path))
            {
                AtomicFile.WriteText(path, spec.ToJson());
                _claimed = true;
            }
            foreach (var part in Directory.GetFiles(folder, "*.tmp"))
                File.Delete(part);
            Compare(path);
            if (Checkpoint.OwnerOf(_checkpoint) is { } owner && !owner.StartsWith($"{name}, ", StringComparison.Ordinal))
                throw new SpecException($"{folder}: holds what was done of {owner}; choose another folder with --out");
            TakeDamageAway();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpecException($"{folder}: cannot be written ({e.Message}); choose another folder with --out");
        }
    }

    // After a refusal, where this process took the folder and no domain is done: the corrected command finds it as it was.
    private void GiveUp()
    {
        if (!_claimed || File.Exists(Path.Combine(folder, Run.LogFile)))
            return;
        File.Delete(_checkpoint);
        File.Delete(Path.Combine(folder, Run.SpecFile));
    }

    // A checkpoint or a set.
    private bool HasWork() => Directory.EnumerateFiles(folder, "*.safetensors").Any();

    private void RemoveWhereGivenUp()
    {
        if (File.Exists(Path.Combine(folder, Run.SpecFile)) || !Directory.Exists(folder))
            return;
        RunLock.Remove(folder);
        if (_isNew && !Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }

    // The spec's own sum says which run the other files are of.
    private void Restore(string path)
    {
        var there = File.Exists(path);
        if (RunCheck.Expected(folder, Run.SpecFile) is { } sum)
        {
            if (sum != RunCheck.SumOf(spec.ToJson()))
                throw Another(there && File.ReadAllText(path) == spec.ToJson() ? $"; {Run.SpecFile} was changed after it was computed" : "");
            if (there && Run.Sum(path) == sum)
                return;
            warn($"{path} is {(there ? "damaged or was changed" : "missing")}; it is written again");
            AtomicFile.WriteText(path, spec.ToJson());
        }
        else if (!there && File.Exists(Path.Combine(folder, Run.EnvironmentFile)))
        {
            throw new SpecException($"{folder}: holds a run without its {Run.SpecFile}, so that nothing says what it is of; choose another folder with --out");
        }
    }

    private void TakeDamageAway()
    {
        // A process that was killed between the last two files of a run left its seconds too; without them the environment was there and is lost.
        if (!File.Exists(Path.Combine(folder, Run.EnvironmentFile)) && (!RunCheck.HasSums(folder) || File.Exists(_seconds)))
        {
            File.Delete(Path.Combine(folder, RunCheck.FileName));
            return;
        }
        var found = RunCheck.Damage(folder);
        if (found.Count == 0)
            return;
        if (!found.Any(damage => Path.GetFileName(damage.Path) == Run.EnvironmentFile))
            WriteSeconds(Run.EnvironmentOf(folder)?.Seconds ?? 0);
        foreach (var damage in found)
        {
            // Which domains are done, and where their seconds were spent, nothing else tells.
            var all = Path.GetFileName(damage.Path) is Run.AccuracyFile or Shard.FileName or Run.EnvironmentFile;
            warn($"{damage}; {(all ? "all domains are" : "what hangs on it is")} computed again");
            // Of a log that is cut, the domains before the cut are taken over.
            if (Path.GetFileName(damage.Path) != Run.LogFile || Run.ReadLogUntilDamage(folder).Damage is null)
                File.Delete(damage.Path);
            if (all)
            {
                File.Delete(Path.Combine(folder, Run.AccuracyFile));
                File.Delete(Path.Combine(folder, Shard.FileName));
            }
        }
        File.Delete(Path.Combine(folder, Run.EnvironmentFile));
        File.Delete(Path.Combine(folder, RunCheck.FileName));
    }

    /// <summary>Takes away the state of a domain under way, which is of no use where sets come from elsewhere.</summary>
    public void DropCheckpoint() => File.Delete(_checkpoint);

    /// <summary>Compares a spec's file with this spec.</summary>
    /// <exception cref="SpecException">It is another.</exception>
    public void Compare(string path)
    {
        if (File.ReadAllText(path) == spec.ToJson())
            return;
        // Says so where a newer version wrote it.
        RunSpec.FromJson(File.ReadAllText(path), path);
        throw Another();
    }

    private SpecException Another(string detail = "") => new($"{folder}: holds a run of another spec{detail}; choose another folder with --out, or delete it");

    /// <summary>How many of the domains done are good: their sets can be read, and the log has all their records. Takes over their part of the log.</summary>
    /// <returns>The domain to go on with, at most <paramref name="done"/>; <paramref name="first"/> where none is good.</returns>
    public int TakeOver(int first, int done, int iterations, Func<int, string?> damage)
    {
        if (done == first)
            return first;
        var (records, wrong) = Run.ReadLogUntilDamage(folder);
        var expected = Recorded(iterations).Count();
        var good = Enumerable.Range(first, done - first).TakeWhile(domain => records.Count(record => record.Domain == domain) == expected).Count() + first;
        if (good < done)
            warn($"{Path.Combine(folder, Run.LogFile)}: {wrong ?? "records are missing"}; domain {good + 1} and those after it are computed again");
        var problem = Enumerable.Range(first, good - first).Select(domain => (Domain: domain, What: damage(domain))).FirstOrDefault(found => found.What is not null);
        if (problem.What is not null)
        {
            good = problem.Domain;
            warn($"{problem.What}; domain {good + 1} and those after it are computed again");
        }
        _log = [.. records.Where(record => record.Domain < good)];
        // A sheet that is missing is drawn again.
        var sets = Enumerable.Range(first, good - first).Select(domain => Run.SetPath(folder, domain));
        foreach (var path in sets.Where(path => !File.Exists(Path.ChangeExtension(path, ".png"))))
        {
            using var set = SyntheticSet.Load(path);
            set.SaveSheet(Path.ChangeExtension(path, ".png"));
        }
        return good;
    }

    /// <summary>Learns a domain, from its checkpoint if there is one.</summary>
    public SyntheticSet Learn(Learner learner, int domain, SyntheticSet? previous, TimeSpan every, Action<IterationRecord> record, CancellationToken cancellation)
    {
        using var checkpoint = new Checkpoint(_checkpoint, $"{name}, domain {domain + 1}", every, () => Lines(_log.Where(kept => kept.Domain == domain)));
        try
        {
            checkpoint.Read();
            _before += checkpoint.Seconds;
            _log.AddRange(Run.Records(checkpoint.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }
        catch (DataSetException e)
        {
            warn($"{e.Message}; domain {domain + 1} starts from its beginning");
        }
        var recorded = Recorded(learner.Iterations).ToHashSet();
        return learner.Learn(
            domain, previous,
            iteration =>
            {
                if (recorded.Contains(iteration.Iteration))
                    _log.Add(iteration);
                record(iteration);
            },
            checkpoint, cancellation);
    }

    /// <summary>Writes what a domain gave; the last file is the one by which it counts as done. Then its checkpoint is no longer needed.</summary>
    /// <exception cref="IOException">Something cannot be written; the domain's checkpoint is intact.</exception>
    public void Save(DomainStream stream, int domain, SyntheticSet set, string doneFile, Func<string> done) => Write(() =>
    {
        var path = Run.SetPath(folder, domain);
        set.Save(
            path,
            new Dictionary<string, string> { ["run"] = spec.Name, ["domain"] = $"{domain + 1} of {spec.Domains}: {stream.Domains[domain]}", ["provenance"] = stream.Provenance },
            stream.Shard.First);
        set.SaveSheet(Path.ChangeExtension(path, ".png"));
        AtomicFile.WriteText(Path.Combine(folder, Run.LogFile), Lines(_log));
        WriteSeconds(Seconds);
        AtomicFile.WriteText(Path.Combine(folder, doneFile), done());
        File.Delete(_checkpoint);
    });

    /// <summary>Writes the sums of all files, and <c>environment.json</c>, which makes the run or shard a finished one.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Finish(RunEnvironment environment) => Write(() =>
    {
        var text = JsonSerializer.Serialize(environment, RunSpec.Json) + "\n";
        RunCheck.Write(folder, (Run.EnvironmentFile, text));
        AtomicFile.WriteText(Path.Combine(folder, Run.EnvironmentFile), text);
        File.Delete(_seconds);
    });

    private void Write(Action files)
    {
        try
        {
            files();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{folder}: cannot be written ({e.Message}); what was written before is intact: make room, or the folder writable, and the same command goes on from there", e);
        }
    }

    private void WriteSeconds(double seconds) => AtomicFile.WriteText(_seconds, seconds.ToString("R", CultureInfo.InvariantCulture));

    private static IEnumerable<int> Recorded(int iterations) =>
        Enumerable.Range(0, iterations).Where(iteration => iteration % Learner.RecordEvery(iterations) == 0 || iteration == iterations - 1);

    private static string Lines(IEnumerable<IterationRecord> records) => string.Concat(records.Select(record => JsonSerializer.Serialize(record, Run.OneLine) + "\n"));
}
