using TorchSharp;

namespace DIDD.Tests;

public class TorchTests
{
    [Fact]
    public void Libtorch_LoadsAndMultipliesTwoMatrices()
    {
        using var a = torch.tensor(new float[,] { { 1, 2 }, { 3, 4 } });
        using var b = torch.tensor(new float[,] { { 5, 6 }, { 7, 8 } });
        using var product = a.mm(b);
        Assert.Equal(new float[] { 19, 22, 43, 50 }, product.data<float>().ToArray());
    }
}
