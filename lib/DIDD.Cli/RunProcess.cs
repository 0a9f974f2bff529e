using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace DIDD.Cli;

/// <summary>A run of a sweep as a process of its own: <c>didd run</c> with its own threads, whose death harms no other.</summary>
internal sealed class RunProcess(int threads, IReadOnlyList<string> options)
{
    /// <summary>In a run's folder: all that its process said, if it failed.</summary>
    public const string FailureFile = "failure.log";

    /// <summary>Computes a cell, and passes on what it says; null when it is done, else the error.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; the process has ended.</exception>
    public async Task<string?> Compute(SweepCell cell, Action<string> say, CancellationToken cancellation)
    {
        Process started;
        try
        {
            started = Process.Start(Command(cell))!;
        }
        catch (Win32Exception e)
        {
            return $"no process could be started for it ({e.Message}); fewer --workers need fewer of them";
        }
        using var process = started;
        var (output, errors) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        var reading = Task.WhenAll(Read(process.StandardOutput, output, Pass), Read(process.StandardError, errors, _ => { }));
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // It ends its iteration and keeps it, however long that takes.
            process.StandardInput.Close();
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        await reading;
        var failure = Path.Combine(cell.Folder, FailureFile);
        File.Delete(failure);
        if (process.ExitCode == ExitCode.Done)
            return null;
        AtomicFile.WriteText(failure, string.Concat(output.Concat(errors).Select(line => line + "\n")));
        return Error(process.ExitCode, errors);

        void Pass(string line)
        {
            say(line);
            if (PlainProgress.TimeLeft(line) is { } left)
                cell.Expect(left);
        }
    }

    private static async Task Read(StreamReader reader, ConcurrentQueue<string> lines, Action<string> say)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
            say(line);
        }
    }

    private static string Error(int exitCode, IEnumerable<string> errors)
    {
        const string prefix = "error: ";
        var lines = errors.Where(line => line.Trim().Length > 0).ToList();
        return lines.LastOrDefault(line => line.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..] ?? $"exit code {exitCode}{(lines.Count > 0 ? $": {lines[0]}" : "")}";
    }

    private ProcessStartInfo Command(SweepCell cell)
    {
        // Started as `dotnet DIDD.Cli.dll` or as a program of its own.
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "DIDD.Cli.dll"));
        foreach (var argument in (string[])["run", Path.Combine(cell.Folder, "spec.json"), "--out", cell.Folder, "--until-input-ends", .. cell.SetsOf is null ? [] : (string[])["--sets-of", cell.SetsOf], .. options])
            start.ArgumentList.Add(argument);
        foreach (var variable in (string[])["OMP_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        return start;
    }
}
