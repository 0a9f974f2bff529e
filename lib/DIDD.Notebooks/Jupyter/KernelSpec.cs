namespace DIDD.Notebooks.Jupyter;

/// <summary>
/// Makes the kernel known to Jupyter: a folder with a <c>kernel.json</c> under the name <c>didd-csharp</c>, and under <c>.net-csharp</c>, which the
/// notebooks ask for, unless .NET Interactive has that name already.
/// </summary>
public static class KernelSpec
{
    /// <summary>The kernel's own name.</summary>
    public const string Name = "didd-csharp";

    /// <summary>The name that the notebooks ask for.</summary>
    public const string NotebooksName = ".net-csharp";

    private const string FileName = "kernel.json";

    /// <summary>Where Jupyter looks for the user's kernels.</summary>
    public static string UserFolder => Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } data ? data
        : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
        : OperatingSystem.IsMacOS() ? Path.Combine(Home, "Library", "Jupyter")
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } share ? share : Path.Combine(Home, ".local", "share"), "jupyter");

    /// <summary>Where Jupyter looks for the kernels of an installation, such as <c>/usr/local</c> or a virtual environment.</summary>
    public static string PrefixFolder(string prefix) => Path.Combine(Path.GetFullPath(prefix), "share", "jupyter");

    /// <summary>Registers the kernel, or registers it again.</summary>
    /// <param name="folder">Jupyter's data folder: <see cref="UserFolder"/> or one of <see cref="PrefixFolder"/>.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Install(string folder)
    {
        var text = Specification().ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
        string[] names = IsTaken(folder) ? [Name] : [Name, NotebooksName];
        try
        {
            return [.. names.Select(name => Write(FileOf(folder, name), text))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: cannot be written ({e.Message}); install with --user, or with --prefix and a folder that is yours", e);
        }
    }

    /// <summary>Removes the kernel; another's <c>.net-csharp</c> stays.</summary>
    /// <param name="folder">The folder that it was installed into.</param>
    /// <returns>The folders that were removed.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Uninstall(string folder)
    {
        string[] folders = [.. new[] { Name, NotebooksName }.Select(name => FileOf(folder, name)).Where(IsOurs).Select(file => Path.GetDirectoryName(file)!)];
        try
        {
            foreach (var each in folders)
                Directory.Delete(each, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: cannot be written ({e.Message}); remove it as the user who installed it", e);
        }

        return folders;
    }

    // Without one, .NET gives an empty path, which would be the current folder.
    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
        ? home
        : throw new IOException($"this user has no home folder (HOME is {Environment.GetEnvironmentVariable("HOME") ?? "not set"}); install with --prefix and a folder that is yours");

    private static JsonObject Specification() => new()
    {
        ["argv"] = new JsonArray(DotnetHost.Executable, "exec", typeof(KernelSpec).Assembly.Location, "kernel", "{connection_file}"),
        ["display_name"] = "C# (DIDD)",
        ["language"] = "C#",
        ["interrupt_mode"] = "message",
    };

    /// <summary>Whether another kernel has the notebooks' name, here or wherever else Jupyter looks.</summary>
    private static bool IsTaken(string folder)
    {
        var named = (Environment.GetEnvironmentVariable("JUPYTER_PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] shared = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "jupyter")]
            : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
        string[] user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile).Length > 0 ? [UserFolder] : [];
        return ((string[])[folder, .. user, .. named, .. shared]).Select(each => FileOf(each, NotebooksName)).Any(file => File.Exists(file) && !IsOurs(file));
    }

    private static bool IsOurs(string file) => File.Exists(file) && File.ReadAllText(file).Contains(Path.GetFileName(typeof(KernelSpec).Assembly.Location), StringComparison.Ordinal);

    private static string FileOf(string folder, string name) => Path.Combine(folder, "kernels", name, FileName);

    private static string Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var temporary = file + ".tmp";
        File.WriteAllText(temporary, text);
        File.Move(temporary, file, overwrite: true);
        return file;
    }
}
