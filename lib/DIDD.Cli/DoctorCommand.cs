using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using DIDD.Data;
using DIDD.Experiments;
using Spectre.Console;
using TorchSharp;

namespace DIDD.Cli;

/// <summary><c>didd doctor</c>: what this machine has, what is missing, and how to mend it.</summary>
internal static class DoctorCommand
{
    private const int MatrixSide = 2048;

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of the data sets." };
        var command = new Command("doctor", "Checks that the main job can run here; exit code 0 only if it can.") { data };
        command.SetAction(parsed =>
        {
            List<Finding> findings = [System(), Sdk(), .. Torch(), Mnist(parsed.GetValue(data)), Engine(), Notebooks()];
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

    private static Finding System() => new(true, "system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {ComputeDevice.ProcessorName()}, {Environment.ProcessorCount} cores");

    private static Finding Sdk()
    {
        var version = Output("dotnet", "--version");
        return new(version is null ? null : true, ".NET", version is null
            ? $"{RuntimeInformation.FrameworkDescription}; the SDK is not on PATH: needed only to build and for #r \"nuget: …\""
            : $"SDK {version}, {RuntimeInformation.FrameworkDescription}");
    }

    private static IEnumerable<Finding> Torch()
    {
        Finding failure;
        try
        {
            // First by itself: TorchSharp's own attempt hides the loader's message behind a page of its trace.
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, DllImportSearchPath.AssemblyDirectory);
            torch.InitializeDeviceType(DeviceType.CPU);
            var environment = RunEnvironment.Current(torch.CPU, 0);
            var cuda = torch.cuda.is_available();
            return
            [
                new(true, "libtorch", $"{environment.Libtorch}, TorchSharp {environment.TorchSharp.Split('+')[0]}"),
                new(true, "device", cuda ? $"cuda ({torch.cuda.device_count()}) and cpu" : "cpu; for CUDA build with -p:Torch=cuda"),
                new(true, "speed", $"{environment.Threads} threads, {GigaFlops():0} GFLOP/s (product of two {MatrixSide}×{MatrixSide} matrices, best of 5)"),
            ];
        }
        catch (Exception e)
        {
            failure = new(false, "libtorch", $"does not load: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")} Build again with `dotnet build -c Release`; see environment/README.md.");
        }
        return [failure];
    }

    private static double GigaFlops()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (torch.rand(MatrixSide, MatrixSide), torch.rand(MatrixSide, MatrixSide));
        var best = Enumerable.Range(0, 5).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            using var product = a.mm(b);
            return clock.Elapsed.TotalSeconds;
        });
        return 2 * Math.Pow(MatrixSide, 3) / best / 1e9;
    }

    private static Finding Mnist(string? root)
    {
        try
        {
            var folder = DataFolder.Find("mnist", root);
            Data.Mnist.Load(folder);
            return new(true, "data", $"r-mnist: {folder}, checksums right");
        }
        catch (DataSetException e)
        {
            return new(false, "data", e.Message);
        }
    }

    private static Finding Engine()
    {
        var host = Path.Combine(AppContext.BaseDirectory, "DIDD.Notebooks.dll");
        return File.Exists(host)
            ? new(true, "engine", $"embedded{(Output("jupyter", "--version") is null ? "" : "; Jupyter is installed")}")
            : new(false, "engine", $"{host} is missing; build again with `dotnet build -c Release`");
    }

    private static Finding Notebooks()
    {
        var repository = DataFolder.Repository();
        var count = repository is null ? 0 : Directory.GetFiles(Path.Combine(repository, "notebooks"), "*.ipynb").Length;
        return new(count > 0, "notebooks", count > 0 ? $"{count} in {Path.Combine(repository!, "notebooks")}" : "none found; run inside the repository");
    }

    private static string? Output(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Split('\n')[0] : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    // Good: null where it is missing but not needed for the main job.
    private sealed record Finding(bool? Good, string Subject, string Text);
}
