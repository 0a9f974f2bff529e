using System.Diagnostics;

namespace DIDD.Notebooks.Tests;

/// <summary>A command of a case, and what must come of it.</summary>
/// <param name="Command">For bash.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Parts">What the output contains.</param>
/// <param name="Absent">What it does not contain.</param>
internal sealed record CaseStep(string Command, int ExitCode, IReadOnlyList<string> Parts, IReadOnlyList<string> Absent);

/// <summary>A case of <c>cases.txt</c>.</summary>
/// <param name="NeedsMount">Whether it needs the right to mount.</param>
/// <param name="Steps">Its commands, at least one.</param>
internal sealed record Case(bool NeedsMount, IReadOnlyList<CaseStep> Steps);

/// <summary>The cases of <c>cases.txt</c>, whose head says how they are written, and the finished run that they start from.</summary>
public sealed class CaseTable : IDisposable
{
    private const string Settings = "--rule finetune --set domains=2 --set distillation.iterations=2 --set distillation.network.width=4 --set evaluation.epochs=1 "
        + "--set evaluation.testImages=50 --set evaluation.network.width=4 --device cpu";

    private readonly TestFolder _folder = new();

    /// <summary>Computes the run.</summary>
    public CaseTable()
    {
        Assert.True(File.Exists(DiddProcess.Program), $"{DiddProcess.Program} is missing: build first");
        var (exitCode, output) = Run($"didd $TINY --out {_folder["run"]}", _folder.Path);
        Assert.True(exitCode == 0, output);
    }

    internal static IReadOnlyDictionary<string, Case> Cases { get; } = Read(Path.Combine(Repository.Folder, "tests", "DIDD.Notebooks.Tests", "cases.txt"));

    /// <summary>Runs a command; its standard output, then its standard error.</summary>
    public (int ExitCode, string Output) Run(string command, string folder)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"didd() {{ dotnet exec \"$DIDD\" \"$@\"; }}\n{command}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment.Remove("DIDD_DATA");
        foreach (var (name, value) in new[] { ("DIDD", DiddProcess.Program), ("RUN", _folder["run"]), ("TINY", $"run {Settings}"), ("SETTINGS", Settings), ("REPOSITORY", Repository.Folder) })
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, Case> Read(string path)
    {
        var cases = new Dictionary<string, Case>();
        var title = "";
        foreach (var line in File.ReadLines(path).SkipWhile(line => !line.StartsWith('=')))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
                cases.Add(title = line[2..], new Case(false, []));
            else if (line == "mount")
                cases[title] = cases[title] with { NeedsMount = true };
            else if (line.Length > 2 && "$?|!".Contains(line[0]) && line[1] == ' ')
                cases[title] = cases[title] with { Steps = Step(cases[title].Steps, line[0], line[2..]) };
        }
        return cases;
    }

    private static IReadOnlyList<CaseStep> Step(IReadOnlyList<CaseStep> steps, char mark, string text) => mark == '$'
        ? [.. steps, new CaseStep(text, 0, [], [])]
        : [.. steps.SkipLast(1), mark switch
        {
            '?' => steps[^1] with { ExitCode = int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) },
            '|' => steps[^1] with { Parts = [.. steps[^1].Parts, text] },
            _ => steps[^1] with { Absent = [.. steps[^1].Absent, text] },
        }];
}
