using System.Text.Json.Nodes;
using DIDD.Notebooks.Jupyter;

namespace DIDD.Notebooks.Tests;

/// <summary>Registering the kernel with Jupyter.</summary>
public sealed class KernelSpecTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Install_NamesThisKernel_AndUninstallLeavesNothing()
    {
        var files = KernelSpec.Install(_folder.Path);
        Assert.Contains(_folder["kernels/didd-csharp/kernel.json"], files);
        var specification = JsonNode.Parse(File.ReadAllText(files[0]))!;
        Assert.Equal("message", (string?)specification["interrupt_mode"]);
        Assert.Equal("{connection_file}", (string?)specification["argv"]!.AsArray()[^1]);
        Assert.All(specification["argv"]!.AsArray().Take(1), program => Assert.True(File.Exists((string?)program)));
        Assert.Equal(files, KernelSpec.Install(_folder.Path));
        Assert.Equal(files.Count, KernelSpec.Uninstall(_folder.Path).Count);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["kernels"]));
        Assert.Empty(KernelSpec.Uninstall(_folder.Path));
    }

    [Theory]
    [InlineData("""{ "argv": ["dotnet", "interactive", "jupyter", "{connection_file}"] }""")]
    [InlineData("not JSON")]
    public void AnothersKernel_OfTheNotebooksName_Stays(string others)
    {
        var file = _folder.Write("kernels/.net-csharp/kernel.json", others);
        Assert.Single(KernelSpec.Install(_folder.Path));
        Assert.Single(KernelSpec.Uninstall(_folder.Path));
        Assert.Equal(others, File.ReadAllText(file));
    }

    [Fact]
    public void FolderThatCannotBeWritten_IsNamedWithAdvice()
    {
        var file = _folder.Write("taken", "");
        var error = Assert.Throws<IOException>(() => KernelSpec.Install(file));
        Assert.Contains("--prefix", error.Message, StringComparison.Ordinal);
    }
}
