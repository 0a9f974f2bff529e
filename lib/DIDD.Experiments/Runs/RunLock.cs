namespace DIDD.Experiments;

/// <summary>
/// Keeps two processes from computing one run. The operating system holds the lock and gives it up when its process ends, however that
/// happens: what a killed process leaves behind locks nothing.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string LockFile = ".lock", OwnerFile = ".owner";

    private readonly FileStream _lock;
    private readonly string _owner;

    private RunLock(FileStream held, string owner) => (_lock, _owner) = (held, owner);

    /// <summary>Takes the lock of a run's folder, which is made where it is missing.</summary>
    /// <exception cref="SpecException">Another process computes the run, or the folder cannot be written.</exception>
    public static RunLock Take(string folder)
    {
        var path = Path.Combine(folder, LockFile);
        var owner = Path.Combine(folder, OwnerFile);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = Open(path);
            var now = DateTime.UtcNow.ToString("u", CultureInfo.InvariantCulture);
            AtomicFile.WriteText(owner, JsonSerializer.Serialize(new Owner(Environment.ProcessId, Environment.MachineName, now), Run.OneLine) + "\n");
            return new RunLock(held, owner);
        }
        catch (IOException) when (held is null && IsHeld(folder))
        {
            throw new SpecException($"{folder}: {Describe(owner)} computes this run; wait for it, or choose another folder with --out");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new SpecException($"{folder}: cannot be written ({e.Message}); choose another folder with --out");
        }
    }

    /// <summary>Whether a process, this one or another, computes the run of a folder.</summary>
    public static bool IsHeld(string folder)
    {
        var path = Path.Combine(folder, LockFile);
        try
        {
            if (File.Exists(path))
                File.Open(path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's: whoever cannot read it cannot compute the run either.
            return true;
        }
        catch (IOException e)
        {
            return e is not FileNotFoundException;
        }
    }

    /// <summary>Removes the file of a lock that nobody holds.</summary>
    public static void Remove(string folder)
    {
        if (!IsHeld(folder))
            File.Delete(Path.Combine(folder, LockFile));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(_owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is read only where the lock is held.
        }
        _lock.Dispose();
    }

    // Who only looks whether the lock is held has it for a moment: a second and a third try tell that from a run.
    private static FileStream Open(string path)
    {
        const int tries = 3;
        for (var left = tries - 1; ; left--)
        {
            try
            {
                return File.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (left > 0 && File.Exists(path))
            {
                Thread.Sleep(20);
            }
        }
    }

    private static string Describe(string path)
    {
        try
        {
            var owner = JsonSerializer.Deserialize<Owner>(File.ReadAllText(path), Run.OneLine)!;
            return $"process {owner.Process} on {owner.Machine} (since {owner.Since})";
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return "another process";
        }
    }

    private sealed record Owner(int Process, string Machine, string Since);
}
