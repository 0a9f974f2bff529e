using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace DIDD.Tests;

/// <summary>A test that needs a GPU: skipped where libtorch sees none, with the reason in its name, since the console shows names alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactOnGpuAttribute : FactAttribute
{
    public FactOnGpuAttribute([CallerMemberName] string test = "")
    {
        if (cuda.is_available())
            return;
        Skip = "needs a CUDA GPU and the cuda build (-p:Torch=cuda)";
        DisplayName = $"{test}: {Skip}";
    }
}
