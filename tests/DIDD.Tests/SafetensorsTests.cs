using CsCheck;
using DIDD.Data;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-safetensors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WrittenTensors_AreReadBack()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(_folder, "a.safetensors");
        var tensors = new Dictionary<string, Tensor>
        {
            ["f"] = randn(2, 3, 4).transpose(0, 2),
            ["d"] = randn(3, dtype: ScalarType.Float64),
            ["i"] = arange(5, dtype: ScalarType.Int64),
            ["b"] = arange(7, dtype: ScalarType.Byte),
            ["empty"] = zeros(0, 3),
            ["scalar"] = tensor(2.5f),
        };
        Safetensors.Write(path, tensors, new Dictionary<string, string> { ["rule"] = "ᾱ and β̄" });
        using var read = Safetensors.Read(path);
        Assert.Equal("ᾱ and β̄", read.Metadata["rule"]);
        Assert.Equal(tensors.Count, read.Tensors.Count);
        Assert.All(tensors, t => Assert.True(t.Value.shape.SequenceEqual(read[t.Key].shape) && t.Value.eq(read[t.Key]).all().item<bool>(), t.Key));
    }

    [Fact]
    public void DamagedFile_IsATypedErrorWithItsName_OrStillReadable()
    {
        using var scope = NewDisposeScope();
        var good = Path.Combine(_folder, "good.safetensors");
        Safetensors.Write(good, new Dictionary<string, Tensor> { ["images"] = rand(2, 3), ["labels"] = arange(2, dtype: ScalarType.Int64) }, new Dictionary<string, string> { ["factor"] = "2" });
        var content = File.ReadAllBytes(good);
        var damaged = Path.Combine(_folder, "damaged.safetensors");
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte, Gen.Int[0, content.Length]).Sample(
            (position, value, length) =>
            {
                var bytes = content.ToArray();
                bytes[position] = value;
                File.WriteAllBytes(damaged, bytes[..length]);
                try
                {
                    Safetensors.Read(damaged).Dispose();
                }
                catch (DataSetException e)
                {
                    Assert.Contains("damaged.safetensors", e.Message, StringComparison.Ordinal);
                }
            },
            iter: 2000, threads: 1);
    }

    [Fact]
    public void FailedWrite_LeavesTheOldFile()
    {
        var path = Path.Combine(_folder, "a.txt");
        AtomicFile.WriteText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }
}
