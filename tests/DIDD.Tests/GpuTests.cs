using DIDD.Distillation;
using DIDD.Experiments;
using DIDD.Verification;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class GpuTests : IDisposable
{
    // Rounding differs between the devices and grows from step to step.
    private const double LossTolerance = 1e-3;

    private readonly string _folder = Directory.CreateTempSubdirectory("didd-gpu-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FactOnGpu]
    public void ReferenceCases_AgreeOnTheGpu()
    {
        var cases = new ReferenceCases(ComputeDevice.Open("cuda"));
        foreach (string name in ReferenceCaseTests.Cases)
        {
            var result = cases.Verify(Path.Combine(TestFolder.Reference, $"{name}.safetensors"));
            Assert.True(result.Passed, $"{result}");
        }
    }

    [FactOnGpu]
    public void RunOnTheGpu_HasTheLossesOfTheCpu()
    {
        var spec = Profiles.Spec("smoke").With("domains", "2").With("distillation.iterations", "20").With("evaluation.epochs", "5").With("evaluation.testImages", "200");
        IReadOnlyList<IterationRecord> Log(string device) => new Runner(spec, Path.Combine(_folder, device), null, ComputeDevice.Open(device)).Execute().Log();
        var (expected, found) = (Log("cpu"), Log("cuda"));
        Assert.Equal(expected.Select(record => (record.Domain, record.Iteration)), found.Select(record => (record.Domain, record.Iteration)));
        foreach (var (cpu, gpu) in expected.Zip(found))
        {
            Assert.Equal(cpu.Plastic, gpu.Plastic, LossTolerance * cpu.Plastic);
            Assert.Equal(cpu.Stable ?? 0, gpu.Stable ?? 0, LossTolerance * cpu.Plastic);
        }
    }

    [FactOnGpu]
    public void DataStayOnTheGpuAsBytes()
    {
        var spec = Profiles.Spec("smoke");
        using var stream = Streams.Open(spec, device: ComputeDevice.Open("cuda"));
        using var indices = tensor([0L, 1]);
        using var images = stream.Train(1).Images(indices);
        Assert.Equal((TorchSharp.DeviceType.CUDA, ScalarType.Byte), (images.device_type, images.dtype));
    }

    [FactOnGpu]
    public void Tf32_IsOffUnlessAskedFor_AndRecorded()
    {
        Assert.False(RunEnvironment.Current(ComputeDevice.Open("cuda"), 0).Tf32);
        Assert.False(backends.cudnn.allow_tf32);
        Assert.True(RunEnvironment.Current(ComputeDevice.Open("cuda", tf32: true), 0).Tf32);
        Assert.True(backends.cudnn.allow_tf32);
        ComputeDevice.Open("cuda");
    }

    [Fact]
    public void Tf32OnTheCpu_IsRefused() =>
        Assert.Contains("leave --tf32 out", Assert.Throws<SpecException>(() => ComputeDevice.Open("cpu", tf32: true)).Message, StringComparison.Ordinal);
}
