using System.Diagnostics;
using DIDD.Data;

namespace DIDD.Distillation;

/// <summary>
/// The state of a domain under way, in a file that is written every so often, so that a process that is killed goes on at the iteration of the last state. All
/// draws have addresses (<see cref="Randomness"/>), so the images, the optimisers and the iteration's number are enough to end with the same bytes. The
/// file is safetensors, moved into place when it is whole, and holds the SHA-256 of what is in it.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="owner">What the state belongs to, such as a run's name and a domain; a file of another owner is passed over.</param>
/// <param name="every">Time from one state to the next; zero for every iteration.</param>
/// <param name="log">Text that is kept with the state: the records so far.</param>
public sealed class Checkpoint(string path, string owner, TimeSpan every, Func<string> log) : IDisposable
{
    private const string OwnerKey = "owner", BuildKey = "build", IterationKey = "iteration", SecondsKey = "seconds", SumKey = "sha256", LogName = "log";

    private static readonly string Build = typeof(Checkpoint).Assembly.ManifestModule.ModuleVersionId.ToString("N", CultureInfo.InvariantCulture);

    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private Safetensors? _file;

    /// <summary>The state that <see cref="Read"/> found, on the CPU; null where a domain starts from its beginning.</summary>
    public IReadOnlyDictionary<string, Tensor>? State => _file?.Tensors;

    /// <summary>Iterations done in that state; 0 where there is none.</summary>
    public int Iteration => _file is null ? 0 : int.Parse(_file.Metadata[IterationKey], CultureInfo.InvariantCulture);

    /// <summary>Wall-clock seconds that the domain's distillation had taken until then.</summary>
    public double Seconds => _file is null ? 0 : double.Parse(_file.Metadata[SecondsKey], CultureInfo.InvariantCulture);

    /// <summary>The text kept with it.</summary>
    public string Log => _file is null ? "" : Encoding.UTF8.GetString(_file[LogName].bytes);

    /// <summary>Whether it is time for the next state.</summary>
    public bool IsDue => _sinceLast.Elapsed >= every;

    /// <summary>What the state of a file belongs to; null where there is none, or it is damaged.</summary>
    public static string? OwnerOf(string path)
    {
        try
        {
            using var file = File.Exists(path) ? Safetensors.Read(path, _ => false) : null;
            return file?.Metadata.GetValueOrDefault(OwnerKey);
        }
        catch (DataSetException)
        {
            return null;
        }
    }

    /// <summary>Reads the file, if there is one of this owner.</summary>
    /// <exception cref="DataSetException">It is damaged, or another build of the library wrote it; the domain starts from its beginning.</exception>
    public void Read()
    {
        if (!File.Exists(path))
            return;
        var file = Safetensors.Read(path);
        try
        {
            if (!file.Metadata.TryGetValue(SumKey, out var sum) || sum != Sum(file.Tensors, file.Metadata) || !file.Tensors.ContainsKey(LogName))
                throw new DataSetException($"{path}: damaged, its content has not the SHA-256 that it says");
            if (file.Metadata.GetValueOrDefault(OwnerKey) != owner)
                return;
            if (file.Metadata.GetValueOrDefault(BuildKey) != Build)
                throw new DataSetException($"{path}: another build of this library wrote it");
            (_file, file) = (file, null);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Replaces the file by the present state.</summary>
    /// <param name="iteration">Iterations done.</param>
    /// <param name="seconds">Wall-clock seconds that they took.</param>
    /// <param name="save">Adds everything that they change, on any device.</param>
    /// <exception cref="IOException">It cannot be written; the file before it is intact.</exception>
    public void Write(int iteration, double seconds, Action<IDictionary<string, Tensor>> save)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor> { [LogName] = tensor(Encoding.UTF8.GetBytes(log())) };
        save(tensors);
        var metadata = new Dictionary<string, string>
        {
            [OwnerKey] = owner,
            [BuildKey] = Build,
            [IterationKey] = iteration.ToString(CultureInfo.InvariantCulture),
            [SecondsKey] = seconds.ToString("R", CultureInfo.InvariantCulture),
        };
        metadata[SumKey] = Sum(tensors, metadata);
        try
        {
            Safetensors.Write(path, tensors, metadata);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({e.Message}); what was written before is intact: make room, or the folder writable, and the same command goes on from there", e);
        }
        _sinceLast.Restart();
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // Over all but the sum itself.
    private static string Sum(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata) =>
        Safetensors.Sum(tensors, metadata.Where(entry => entry.Key != SumKey));
}
