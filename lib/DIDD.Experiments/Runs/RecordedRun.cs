namespace DIDD.Experiments;

/// <summary>What is kept of the sets of a run, and of their sheets.</summary>
public enum RecordedImages
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The sheet after the last domain.</summary>
    Sheet,

    /// <summary>Set and sheet after the last domain.</summary>
    Last,

    /// <summary>Set and sheet after every domain.</summary>
    All,
}

/// <summary>
/// Small copies of finished runs, to be kept beside the code: without most of the log, its diagnostics but the last of a domain with every tile, and what is not
/// asked for of the sets. Of a data set that may not be passed on there are no sets and no sheets: they hold its images, shrunk.
/// </summary>
public static class RecordedRun
{
    /// <summary>Records of the log that are kept of every domain, about, unless asked otherwise.</summary>
    public const int LogRecords = 20;

    /// <summary>Copies a run into a folder named as its spec; where that is, nothing is changed.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="root">Folder of the recorded runs.</param>
    /// <param name="kept">What is kept of sets and sheets.</param>
    /// <param name="logRecords">Records of the log that are kept of every domain, about; at least 1. The last one always is.</param>
    /// <returns>The copy's folder.</returns>
    /// <exception cref="DataSetException">The run is not finished.</exception>
    public static string Write(Run run, string root, RecordedImages kept = RecordedImages.Last, int logRecords = LogRecords)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logRecords, 1);
        if (!run.Finished || run.Environment() is null)
            throw new DataSetException($"{run.Folder}: not finished ({run.Accuracy.Done} of {run.Accuracy.Domains} domains); `didd run` with the same settings goes on");
        if (RunCheck.Damage(run.Folder) is [var damage, ..])
            throw new DataSetException($"{damage}; `didd run` with the run's settings computes it again");
        var target = Path.Combine(root, run.Spec.Name);
        if (Directory.Exists(target))
            return target;
        var temporary = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{run.Spec.Name}.{Environment.ProcessId}.tmp"));
        Directory.CreateDirectory(temporary);
        try
        {
            IEnumerable<string> images = [];
            if (Streams.Entry(run.Spec).Sources.All(source => source.MayBePassedOn))
            {
                var last = run.Accuracy.Domains - 1;
                string[] endings = kept switch { RecordedImages.None => [], RecordedImages.Sheet => [".png"], _ => [".safetensors", ".png"] };
                var first = kept == RecordedImages.All ? 0 : last;
                images = Enumerable.Range(first, last - first + 1).SelectMany(domain => endings.Select(ending => Path.ChangeExtension(Run.SetPath(run.Folder, domain), ending))).Where(File.Exists);
            }
            string[] files = [Run.SpecFile, Run.AccuracyFile, Run.EnvironmentFile];
            foreach (var file in files.Select(name => Path.Combine(run.Folder, name)).Concat(images))
                File.Copy(file, Path.Combine(temporary, Path.GetFileName(file)));
            var log = run.Log().GroupBy(record => record.Domain).SelectMany(domain => Thinned([.. domain], logRecords));
            File.WriteAllLines(Path.Combine(temporary, Run.LogFile), log.Select(record => JsonSerializer.Serialize(record, Run.OneLine)));
            RunCheck.Write(temporary);
            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
        return target;
    }

    private static IEnumerable<IterationRecord> Thinned(IReadOnlyList<IterationRecord> records, int kept)
    {
        var step = Math.Max(1, records.Count / kept);
        var thinned = records.Where((_, i) => i % step == 0 || i == records.Count - 1).ToList();
        var opened = thinned.FindLast(record => record.Diagnostics?.Tiles is not null);
        return thinned.Select(record => record == opened ? record : record with { Diagnostics = null });
    }
}
