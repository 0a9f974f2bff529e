using DIDD.Distillation;
using DIDD.Experiments;
using DIDD.Rules;
using DIDD.Synthetic;
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

    // A device without memory: whatever stays behind is seen, but nothing can be computed.
    [Fact]
    public void SetFromDisk_GoesToTheDeviceWhole()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(_folder, "set.safetensors");
        using (var set = new SyntheticSet(rand([2, 1, 1, 8, 8]), 2, rand([8]), rand([8]), zeros([8], ScalarType.Int64), new Dictionary<string, Tensor> { ["importance"] = rand([2, 1, 1, 8, 8]) }))
            set.Save(path, new Dictionary<string, string>());
        using var there = SyntheticSet.Load(path, META);
        using var loaded = SyntheticSet.Load(path);
        using var moved = loaded.To(META);
        using var stayed = loaded.To(CPU);
        foreach (var (set, device) in new[] { (there, TorchSharp.DeviceType.META), (moved, TorchSharp.DeviceType.META), (stayed, TorchSharp.DeviceType.CPU) })
            Assert.All([set.Images, set.Alpha!, set.Beta!, set.Owners!, .. set.State.Values], tensor => Assert.Equal(device, tensor.device_type));
        stayed.Dispose();
        Assert.InRange(loaded.Images.max().item<float>(), 0, 1);
    }

    [FactOnGpu]
    public void SetFromDisk_IsGoneOnWithOnTheGpu()
    {
        foreach (var rule in RuleEntry.ByName.Keys)
        {
            var spec = Profiles.Spec("smoke", rule: rule).With("domains", "2").With("distillation.iterations", "3").With("evaluation.epochs", "2");
            using var stream = Streams.Open(spec);
            using var first = Learners.Create(spec, stream, new Randomness(0), CPU).Learn(0, null);
            first.Save(Path.Combine(_folder, rule), new Dictionary<string, string>());
            using var loaded = SyntheticSet.Load(Path.Combine(_folder, rule));
            double[] LossesOn(Device device)
            {
                var losses = new List<double>();
                Learners.Create(spec, stream, new Randomness(0), device).Learn(1, loaded, record => losses.Add(record.Plastic)).Dispose();
                return [.. losses];
            }
            Assert.All(LossesOn(CPU).Zip(LossesOn(ComputeDevice.Open("cuda"))), loss => Assert.Equal(loss.First, loss.Second, LossTolerance * loss.First));
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
