using System.Security;
using System.Xml.Linq;

namespace DIDD.Notebooks;

/// <summary>Lays the files of NuGet packages and all they depend on into one folder, as the build of a project would, what packages do at a build included; and remembers the answer.</summary>
/// <param name="cacheFolder">Where answers are kept, each in a folder named by the hash of its question.</param>
internal sealed class PackageResolver(string cacheFolder)
{
    /// <summary>NuGet's code for a source that cannot be read.</summary>
    public const string NoSuchSource = "NU1301";

    private const string AnswerFile = "items.json";

    /// <summary>This program's folder in the user's cache folder.</summary>
    public static string UserCache
    {
        get
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            var cache = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
                : Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache");
            return Path.Combine(cache, "didd-notebooks", "packages");
        }
    }

    /// <summary>Resolves packages together, so that they agree on what they share.</summary>
    /// <param name="packages">The packages, each with its exact version.</param>
    /// <param name="sources">Sources to search beside the configured ones: folders or addresses.</param>
    /// <param name="folder">Folder of the notebook: relative sources and the search for NuGet.config start there.</param>
    /// <param name="cancellation">Ends the restore.</param>
    /// <returns>The full paths of all assemblies, in one folder with the native libraries.</returns>
    /// <exception cref="IOException">A package or a version is in no source, or versions disagree.</exception>
    public async Task<IReadOnlyList<string>> ResolveAsync(
        IReadOnlyList<PackageReference> packages, IReadOnlyList<string> sources, string folder, CancellationToken cancellation)
    {
        var fullSources = sources.Select(source => FullSource(source, folder));
        var project = Project(packages, fullSources);
        var answer = Path.Combine(cacheFolder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)))[..32]);
        if (Read(answer) is { } known)
            return known;

        var work = $"{answer}.{Path.GetRandomFileName()}.tmp";
        Directory.CreateDirectory(Path.Combine(work, "answer"));
        try
        {
            await BuildAsync(project, work, packages, folder, cancellation);
            if (Directory.Exists(answer))
                Directory.Delete(answer, recursive: true);
            Directory.Move(Path.Combine(work, "answer"), answer);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        return Read(answer) ?? throw new IOException($"the files of {Names(packages)} vanished while they were resolved; run the notebook again");
    }

    /// <summary>A source as NuGet gets it: an address as it is, a folder's full path.</summary>
    /// <param name="source">The source.</param>
    /// <param name="folder">Where relative ones start.</param>
    public static string FullSource(string source, string folder) => source.Contains("://", StringComparison.Ordinal) ? source : Path.GetFullPath(source, folder);

    private static string Project(IEnumerable<PackageReference> packages, IEnumerable<string> sources) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
            <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <UseAppHost>false</UseAppHost>
            <NuGetAudit>false</NuGetAudit>
            <OutDir>answer/</OutDir>
            <SkipCopyBuildProduct>true</SkipCopyBuildProduct>
            <CopyLocalLockFileAssemblies>true</CopyLocalLockFileAssemblies>
            <GenerateDependencyFile>false</GenerateDependencyFile>
            <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
            <RestoreAdditionalProjectSources>{SecurityElement.Escape(string.Join(';', sources))}</RestoreAdditionalProjectSources>
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(packages.Select(package => new XElement(
                "PackageReference", new XAttribute("Include", package.PackageName), new XAttribute("Version", $"[{package.PackageVersion}]"))))}
          </ItemGroup>
        </Project>
        """;

    /// <summary>The remembered answer, unless a file that it names is gone.</summary>
    private static string[]? Read(string answer)
    {
        var file = Path.Combine(answer, AnswerFile);
        if (!File.Exists(file))
            return null;
        var items = JsonNode.Parse(File.ReadAllText(file))!["Items"]!["RuntimeCopyLocalItems"]!.AsArray();
        string[] assemblies = [.. items.Select(item => Path.Combine(answer, Path.GetFileName((string)item!["FullPath"]!)))];
        return assemblies.All(File.Exists) ? assemblies : null;
    }

    private static async Task BuildAsync(string project, string work, IReadOnlyList<PackageReference> packages, string folder, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(Path.Combine(work, "packages.csproj"), project, cancellation);
        // All of a build but the compiler.
        string[] arguments =
        [
            "msbuild", "packages.csproj", "-restore", "-nologo", "-nodeReuse:false", "-target:ResolveReferences;CopyFilesToOutputDirectory",
            $"-property:RestoreRootConfigDirectory={folder}", "-property:ImportDirectoryBuildProps=false;ImportDirectoryBuildTargets=false;ImportDirectoryPackagesProps=false",
            "-getItem:RuntimeCopyLocalItems", $"-getResultOutputFile:answer/{AnswerFile}",
        ];
        var start = new ProcessStartInfo(DotnetHost.Executable, arguments)
        {
            WorkingDirectory = work,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
                throw new IOException($"cannot restore {Names(packages)}: {Errors($"{await output}\n{await error}")}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Errors(string output)
    {
        var errors = output.Split('\n')
            .Where(line => line.Contains("error ", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("error ", StringComparison.Ordinal)..].Trim())
            .Distinct().ToArray();
        return errors.Length > 0 ? string.Join("\n", errors) : output.Trim();
    }

    private static string Names(IReadOnlyList<PackageReference> packages) => string.Join(", ", packages.Select(package => $"{package.PackageName} {package.PackageVersion}"));
}
