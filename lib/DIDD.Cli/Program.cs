using System.CommandLine.Help;
using System.Runtime.InteropServices;
using DIDD;
using DIDD.Cli;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
// What cannot be said on the standard error is lost, and changes no exit code.
Console.SetError(new GuardedOutput(Console.Error, _ => { }));
Console.SetOut(new GuardedOutput(Console.Out, e => throw new IOException($"the standard output cannot be written ({e.Message})", e)));

var root = new Command("didd", "Domain incremental dataset distillation: runs, notebooks, checks.")
{
    new HelpOption(),
    new VersionOption(),
    DoctorCommand.Create(),
    RunCommand.Create(),
    MergeCommand.Create(),
    SpecCommand.Create(),
    SweepCommand.Create(),
    ReportCommand.Create(),
    ReportCommand.CreateRecord(),
    CheckCommand.Create(),
    ClaimsCommand.Create(),
    DataCommand.Create(),
    VerifyCommand.Create(),
    BenchCommand.Create(),
    NotebooksCommand.Create(),
};
CommandLineRules.Apply(root);
var parsed = root.Parse(args is ["notebooks", ..] ? NotebooksCommand.AsOneWord(args) : args);
if (CommandLineRules.Error(parsed) is { } wrong)
{
    Console.Error.WriteLine($"error: {wrong}");
    return ExitCode.Usage;
}
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (SpecException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return ExitCode.Usage;
}
catch (Exception e) when (e is DataSetException or DivergenceException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return ExitCode.Failed;
}
catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException)
{
    Console.Error.WriteLine($"error: libtorch does not load here; `didd doctor` says why ({(e.InnerException ?? e).Message.Split('\n')[0]})");
    return ExitCode.Failed;
}
catch (ExternalException e)
{
    // Not the user's doing: all that is known goes with the report.
    Console.Error.WriteLine(e);
    Console.Error.WriteLine($"error: libtorch failed: {e.Message.Split('\n')[0]} What was written is kept, and the same command goes on from there; please report the lines above.");
    return ExitCode.Failed;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped; what is done is kept, and the same command goes on from there");
    return ExitCode.Stopped;
}
