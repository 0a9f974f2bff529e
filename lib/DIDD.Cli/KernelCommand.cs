using DIDD.Notebooks.Jupyter;

namespace DIDD.Cli;

/// <summary><c>didd notebooks kernel</c>: makes the notebook session a kernel of Jupyter, for VS Code, JupyterLab and nbconvert.</summary>
internal static class KernelCommand
{
    public static Command Create() => new("kernel", "Registers the notebook session as a Jupyter kernel.")
    {
        Create("install", $"Registers it as {KernelSpec.Name}, and as {KernelSpec.NotebooksName} where no other kernel has that name.", KernelSpec.Install, "registered"),
        Create("uninstall", "Removes it; other kernels stay.", KernelSpec.Uninstall, "removed"),
    };

    private static Command Create(string name, string description, Func<string, IReadOnlyList<string>> act, string done)
    {
        var user = new Option<bool>("--user") { Description = "For this user; the default." };
        var prefix = new Option<string?>("--prefix") { Description = "For an installation, such as /usr/local or a virtual environment.", HelpName = "folder" };
        var command = new Command(name, description) { user, prefix };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(user) && parsed.GetValue(prefix) is not null)
                throw new SpecException("--user and --prefix exclude each other");
            try
            {
                var paths = act(parsed.GetValue(prefix) is { } folder ? KernelSpec.PrefixFolder(folder) : KernelSpec.UserFolder);
                Console.WriteLine(paths.Count == 0 ? "nothing was registered here" : string.Join('\n', paths.Select(path => $"{done}: {path}")));
            }
            catch (IOException e)
            {
                throw new SpecException(e.Message);
            }
        });
        return command;
    }
}
