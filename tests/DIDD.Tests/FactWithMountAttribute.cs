using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace DIDD.Tests;

/// <summary>A test on a small disk of its own: skipped where this process may not mount one, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithMountAttribute : FactAttribute
{
    private static readonly Lazy<bool> Possible = new(() =>
    {
        try
        {
            new SmallDisk().Dispose();
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    public FactWithMountAttribute([CallerMemberName] string test = "")
    {
        if (Possible.Value)
            return;
        Skip = "needs Linux and root's right to mount";
        DisplayName = $"{test}: {Skip}";
    }
}

/// <summary>A disk of two megabytes in memory.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    public SmallDisk()
    {
        _filler = System.IO.Path.Combine(Path, "filler");
        try
        {
            Do("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", Path);
        }
        catch
        {
            Directory.Delete(Path);
            throw;
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("didd-disk-").FullName;

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        try
        {
            using var file = File.Create(_filler, bufferSize: 0);
            while (true)
                file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // That is what was wanted.
        }
    }

    public void MakeRoom() => File.Delete(_filler);

    public void Write(bool allowed) => Do("mount", "-o", allowed ? "remount,rw" : "remount,ro", Path);

    public void Dispose()
    {
        Do("umount", Path);
        Directory.Delete(Path);
    }

    private static void Do(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program}: {error}");
    }
}
