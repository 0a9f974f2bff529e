using DIDD.Notebooks;
using DIDD.Notebooks.Jupyter;

switch (args)
{
    // Threads that cells left running do not keep the process.
    case ["host", var path, var copy, var pipeName]:
        Environment.Exit(await NotebookHost.RunAsync(path, copy, pipeName));
        break;
    case ["relay", var program, .. var its]:
        return await Relay.RunAsync(program, its);
    case ["kernel", var connectionFile]:
        try
        {
            Environment.Exit(JupyterKernel.Run(connectionFile));
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
        }

        break;
    default:
        Console.Error.WriteLine("error: this is the process of a notebook; `didd notebooks` starts it");
        break;
}

return 2;
