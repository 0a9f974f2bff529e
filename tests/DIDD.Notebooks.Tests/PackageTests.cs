using System.IO.Compression;

namespace DIDD.Notebooks.Tests;

public sealed class PackageTests : SessionTest
{
    /// <summary>Another for each test: a process loads one assembly of a name.</summary>
    private readonly string _package = $"Didd.Test{Guid.NewGuid():N}";

    public PackageTests()
    {
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", Folder["packages"]);
        Folder.Write("nuget.config", "<configuration><packageSources><clear /></packageSources></configuration>");
        var assembly = Folder.Compile(_package, "public static class Packed { public static int Answer => 42; }");
        Directory.CreateDirectory(Folder["feed"]);
        using var file = ZipFile.Open(Folder[$"feed/{_package}.1.2.3.nupkg"], ZipArchiveMode.Create);
        file.CreateEntryFromFile(assembly, $"lib/net10.0/{_package}.dll");
        using var manifest = new StreamWriter(file.CreateEntry($"{_package}.nuspec").Open());
        manifest.Write($"<_package><metadata><id>{_package}</id><version>1.2.3</version><authors>a</authors><description>d</description></metadata></_package>");
    }

    [Fact]
    public async Task Package_IsResolvedFromAGivenSource_AndRemembered()
    {
        await RunAsync($"#i \"nuget: feed\"\n#r \"nuget: {_package}, 1.2.3\"\nConsole.Write(Packed.Answer);");
        Assert.Equal("42", Outputs.Stdout);
        var remembered = Assert.Single(Directory.GetDirectories(Folder["cache"]));
        var written = Directory.GetLastWriteTimeUtc(remembered);

        Folder.Write("uses.cs", "Console.Write(Packed.Answer);");
        await RunAsync($"#r \"nuget:{_package},1.2.3\"\n#!import uses.cs");
        Assert.Equal("4242", Outputs.Stdout);
        Assert.Equal([remembered], Directory.GetDirectories(Folder["cache"]));
        Assert.Equal(written, Directory.GetLastWriteTimeUtc(remembered));
    }

    [Fact]
    public async Task MissingPackageOrVersion_IsNamed_AndTheNextCellIsFreeOfIt()
    {
        var error = await FailAsync($"#i \"nuget: feed\"\n#r \"nuget: {_package}, 9.9.9\"");
        Assert.Equal(2, error.Line);
        Assert.Contains($"{_package} 9.9.9", error.Message, StringComparison.Ordinal);
        Assert.Contains("NU1102", error.Message, StringComparison.Ordinal);
        Assert.Contains("NU1101", (await FailAsync("#r \"nuget: Didd.No.Such.Package, 1.0.0\"")).Message, StringComparison.Ordinal);
        await RunAsync($"#r \"nuget: {_package}, 1.2.3\"\nConsole.Write(Packed.Answer);");
        Assert.Empty(Directory.GetDirectories(Folder["cache"], "*.tmp"));
    }

    [Fact]
    public async Task MistypedSource_IsNamed_AndTheNextCellIsFreeOfIt()
    {
        Assert.Contains("NU1301", (await FailAsync($"#i \"nuget: fed\"\n#r \"nuget: {_package}, 1.2.3\"")).Message, StringComparison.Ordinal);
        await FailAsync($"#i \"nuget: feed\"\n#r \"nuget: {_package}, 1.2.3\"\n#r \"nuget: Didd.Test.Package\"");
        await RunAsync($"#r \"nuget: {_package}, 1.2.3\"\nConsole.Write(Packed.Answer);");
        Assert.Equal("42", Outputs.Stdout);
    }

    [Theory]
    [InlineData("Didd.Test.Package")]
    [InlineData("Didd.Test.Package, *")]
    [InlineData("Didd.Test.Package, 1.*")]
    [InlineData("Didd.Test.Package, [1.0,2.0)")]
    public async Task PackageWithoutAnExactVersion_IsRefused(string reference) =>
        Assert.Contains("exact version", (await FailAsync($"#r \"nuget: {reference}\"")).Message, StringComparison.Ordinal);
}
