namespace DIDD.Notebooks;

/// <summary>The <c>dotnet</c> that runs this process, so that processes started from here get the same runtime.</summary>
internal static class DotnetHost
{
    /// <summary>Full path, or the bare command where the runtime was not installed in the usual layout.</summary>
    public static string Executable { get; } = File.Exists(Usual) ? Usual : Path.GetFileName(Usual);

    private static string Usual => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
