using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DIDD.Experiments;

/// <summary>One thing that was looked for on a machine.</summary>
/// <param name="Good">Whether it is there; null where it is missing but not needed.</param>
/// <param name="Subject">What was looked for.</param>
/// <param name="Text">What was found, or how to mend it.</param>
public sealed record Finding(bool? Good, string Subject, string Text);

/// <summary>What this machine has for the library: system, libtorch, device, speed, data and recorded runs. <c>didd doctor</c> and notebook 0 show it.</summary>
public static class MachineCheck
{
    private const int MatrixSide = 2048;

    /// <summary>All findings; a product of matrices is timed, about a second.</summary>
    /// <param name="root">A folder of data sets that goes before all others, or null.</param>
    public static IReadOnlyList<Finding> All(string? root = null) => [System(), .. Torch(), Digits(root), Recorded()];

    /// <summary>The first line that a program writes; null where it is not there, or fails.</summary>
    public static string? Output(string program, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            // A full pipe would stop the program.
            _ = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Split('\n')[0] : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static Finding System() =>
        new(true, "system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {ComputeDevice.ProcessorName()}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}");

    private static IEnumerable<Finding> Torch()
    {
        try
        {
            // First by itself: TorchSharp's own attempt hides the loader's message behind a page of its trace.
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, DllImportSearchPath.AssemblyDirectory);
            torch.InitializeDeviceType(DeviceType.CPU);
            var environment = RunEnvironment.Current(torch.CPU, 0);
            var cuda = torch.cuda.is_available();
            return
            [
                new(true, "libtorch", $"{environment.Libtorch}, TorchSharp {environment.TorchSharp.Split('+')[0]}, DIDD {environment.Commit}"),
                new(true, "device", cuda ? $"cuda ({torch.cuda.device_count()}) and cpu" : "cpu; for CUDA build with -p:Torch=cuda"),
                new(true, "speed", $"{environment.Threads} threads, {GigaFlops():0} GFLOP/s (product of two {MatrixSide}×{MatrixSide} matrices, best of 5){(NativeRuntime.LeavesOneDnnOut ? "; convolves without oneDNN, slower: this virtual machine hides the processor's caches, and oneDNN would be wrong" : "")}"),
            ];
        }
        catch (Exception e)
        {
            var message = (e.InnerException ?? e).Message.ReplaceLineEndings(" ");
            return [new(false, "libtorch", $"does not load: {message} Build again with `dotnet build -c Release`; see environment/README.md.")];
        }
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

    private static Finding Digits(string? root)
    {
        try
        {
            var folder = DataFolder.Find("mnist", root);
            Mnist.Load(folder);
            var shown = DataFolder.Repository() is { } repository && Path.GetRelativePath(repository, folder) is var inside && !inside.StartsWith("..", StringComparison.Ordinal) ? inside : folder;
            return new(true, "data", $"r-mnist: {shown}, checksums right");
        }
        catch (DataSetException e)
        {
            return new(false, "data", e.Message);
        }
    }

    private static Finding Recorded()
    {
        try
        {
            var runs = RunStore.Recorded();
            return new(runs.Count > 0 ? true : null, "recorded runs", runs.Count == 0
                ? "none: notebooks compute what they show, which takes long in laptop; restore data/runs of the repository"
                : $"{runs.Count}: {string.Join(", ", runs.GroupBy(run => $"{run.Spec.Dataset} at IPC {run.Spec.Ipc}").Select(group => $"{group.Key} {group.Count()}"))}");
        }
        catch (DataSetException e)
        {
            return new(null, "recorded runs", e.Message);
        }
    }
}
