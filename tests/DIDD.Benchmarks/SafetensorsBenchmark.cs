using BenchmarkDotNet.Attributes;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Benchmarks;

/// <summary>A file of a synthetic set, 200 images of 28×28: written whole or not at all, down to the disk, and read.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class SafetensorsBenchmark
{
    private readonly Dictionary<string, Tensor> _tensors = new() { ["images"] = rand(200, 1, 28, 28), ["labels"] = arange(200) };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("didd-benchmark-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "set.safetensors");

    [GlobalSetup]
    public void Setup() => Write();

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public void Write() => Safetensors.Write(Path, _tensors, new Dictionary<string, string> { ["factor"] = "2" });

    [Benchmark]
    public void Read()
    {
        using var file = Safetensors.Read(Path);
    }
}
