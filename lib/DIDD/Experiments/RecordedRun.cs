using System.Globalization;
using System.Text.Json;
using DIDD.Data;

namespace DIDD.Experiments;

/// <summary>
/// Small copies of finished runs, to be kept beside the code: all but most of the log and, unless asked for, the sets and sheets before the last. Of a data set that may not be
/// passed on there are no sets and no sheets: they hold its images, shrunk.
/// </summary>
public static class RecordedRun
{
    /// <summary>Records of the log that are kept of every domain, about, unless asked otherwise.</summary>
    public const int LogRecords = 20;

    /// <summary>Copies a run into a folder named as its spec; where that is, nothing is changed.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="root">Folder of the recorded runs.</param>
    /// <param name="allSets">Whether set and sheet of every domain are kept, not the last ones alone.</param>
    /// <param name="logRecords">Records of the log that are kept of every domain, about; at least 1. The last one always is.</param>
    /// <returns>The copy's folder.</returns>
    /// <exception cref="DataSetException">The run is not finished.</exception>
    public static string Write(Run run, string root, bool allSets = false, int logRecords = LogRecords)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logRecords, 1);
        if (!run.Finished)
            throw new DataSetException($"{run.Folder}: not finished ({run.Accuracy.Done} of {run.Accuracy.Domains} domains); `didd run` with the same settings goes on");
        var target = Path.Combine(root, run.Spec.Name);
        if (Directory.Exists(target))
            return target;
        var temporary = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{run.Spec.Name}.{Environment.ProcessId}.tmp"));
        Directory.CreateDirectory(temporary);
        try
        {
            IEnumerable<string> images = [];
            if (DataSetInfo.Of(run.Spec.Dataset).MayBePassedOn)
            {
                var last = run.Accuracy.Domains - 1;
                images = Enumerable.Range(allSets ? 0 : last, allSets ? last + 1 : 1).Select(domain => Run.SetPath(run.Folder, domain))
                    .SelectMany(set => new[] { set, Path.ChangeExtension(set, ".png") }).Where(File.Exists);
            }
            string[] files = [Run.SpecFile, Run.AccuracyFile, Run.EnvironmentFile];
            foreach (var file in files.Select(name => Path.Combine(run.Folder, name)).Concat(images))
                File.Copy(file, Path.Combine(temporary, Path.GetFileName(file)));
            var log = run.Log().GroupBy(record => record.Domain).SelectMany(domain => Thinned([.. domain], logRecords));
            File.WriteAllLines(Path.Combine(temporary, Run.LogFile), log.Select(record => JsonSerializer.Serialize(record, Run.OneLine)));
            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
        return target;
    }

    private static IEnumerable<T> Thinned<T>(IReadOnlyList<T> records, int kept)
    {
        var step = Math.Max(1, records.Count / kept);
        return records.Where((_, i) => i % step == 0 || i == records.Count - 1);
    }
}
