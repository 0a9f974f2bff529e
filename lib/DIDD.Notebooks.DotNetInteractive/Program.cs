using DIDD.Notebooks;
using DIDD.Notebooks.DotNetInteractive;

if (args is not ["host", var request])
{
    Console.Error.WriteLine("This is a notebook's process; start it with: didd notebooks run --engine dotnet-interactive");
    return 2;
}

// Threads that cells left running do not keep the process.
Environment.Exit(await NotebookHost.RunAsync(request, _ => new InteractiveSession()));
return 0;
