namespace DIDD.Notebooks;

/// <summary>What executes a notebook's cells.</summary>
public enum NotebookEngine
{
    /// <summary>The session of this library.</summary>
    Embedded,

    /// <summary>.NET Interactive's last release; in builds with <c>-p:NotebookEngine=dotnet-interactive</c>.</summary>
    DotNetInteractive,
}
