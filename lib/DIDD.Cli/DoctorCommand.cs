using System.Runtime.InteropServices;

namespace DIDD.Cli;

/// <summary><c>didd doctor</c>: what this machine has, what is missing, and how to mend it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of the data sets." };
        var command = new Command("doctor", "Checks that the main job can run here; exit code 0 only if it can.") { data };
        command.SetAction(parsed =>
        {
            List<Finding> findings = [.. MachineCheck.All(parsed.GetValue(data)), Sdk(), Engine(), Notebooks()];
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "", "");
            foreach (var finding in findings)
                table.AddRow(new Text(finding.Good switch { true => "ok", false => "MISSING", null => "–" }), new Text(finding.Subject), new Text(finding.Text));
            AnsiConsole.Write(table);
            var good = findings.TrueForAll(finding => finding.Good != false);
            Console.WriteLine(good ? "The main job can run: didd notebooks run" : "The main job cannot run; mend what is MISSING.");
            return good ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static Finding Sdk()
    {
        var version = MachineCheck.Output("dotnet", "--version");
        return new(version is null ? null : true, ".NET", version is null
            ? $"{RuntimeInformation.FrameworkDescription}; the SDK is not on PATH: needed only to build and for #r \"nuget: …\""
            : $"SDK {version}, {RuntimeInformation.FrameworkDescription}");
    }

    private static Finding Engine()
    {
        var host = Path.Combine(AppContext.BaseDirectory, "DIDD.Notebooks.dll");
        return File.Exists(host)
            ? new(true, "engine", $".NET Interactive{(MachineCheck.Output("jupyter", "--version") is null ? "" : "; Jupyter is installed")}")
            : new(false, "engine", $"{host} is missing; build again with `dotnet build -c Release`");
    }

    private static Finding Notebooks()
    {
        var repository = DataFolder.Repository();
        if (repository is null)
            return new(null, "notebooks", "no repository here; yours run with `didd notebooks run FILE`");
        var folder = Path.Combine(repository, "notebooks");
        var count = Directory.GetFiles(folder, "*.ipynb").Length;
        return new(count > 0, "notebooks", count > 0 ? $"{count} in {folder}" : $"none in {folder}; restore it");
    }
}
