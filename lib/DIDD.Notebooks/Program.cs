using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DIDD.Notebooks;
using DIDD.Notebooks.Jupyter;

// Threads that cells left running do not keep the process.
if (args is ["host", var request])
    Environment.Exit(await NotebookHost.RunAsync(request));

if (args is ["relay", var program, .. var its])
    return await Relay.RunAsync(program, its);

if (args is ["kernel", var connectionFile])
{
    try
    {
        Environment.Exit(JupyterKernel.Run(connectionFile));
    }
    catch (KernelException e)
    {
        Console.Error.WriteLine($"error: {e.Message}");
        return 2;
    }
}

var notebook = new Argument<string>("notebook") { Description = "The .ipynb to execute." };
var executedCopy = new Option<string>("--out") { Description = "Where the notebook with its outputs goes.", Required = true };
var limit = new Option<double>("--timeout") { Description = "Seconds that one cell may run.", DefaultValueFactory = _ => 600 };
string[] parameterNames = ["--parameter", "--parameters", "-p"];
var parameters = new Option<Dictionary<string, string>>(parameterNames[0], parameterNames[1..])
{
    Description = "Sets a variable of the cell tagged 'parameters': name=value, or name and value. May be repeated.",
    Arity = ArgumentArity.ZeroOrMore,
    CustomParser = ReadParameters,
    DefaultValueFactory = _ => [],
};
var execute = new Command("execute", "Executes a notebook in a process of its own.") { notebook, executedCopy, limit, parameters };
execute.SetAction(async (arguments, cancellation) =>
{
    var options = new NotebookRunOptions
    {
        CellTimeLimit = TimeSpan.FromSeconds(arguments.GetValue(limit)),
        Parameters = arguments.GetValue(parameters)!,
    };
    try
    {
        var result = await NotebookRunner.RunAsync(arguments.GetValue(notebook)!, arguments.GetValue(executedCopy)!, options, cancellation: cancellation);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Notebook}: {result.Outcome}, {result.CellsExecuted} of {result.Cells} cells, {result.Seconds:F1} s, {result.PeakBytes / 1e6:F0} MB"));
        if (result.Failure is not null)
            Console.Error.WriteLine(result.Failure);
        return result.Outcome == NotebookOutcome.Ok ? 0 : 1;
    }
    catch (ArgumentException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Interrupted; the executed copy holds the outputs so far.");
        return 130;
    }
});
return await new RootCommand("Executes C# notebooks.") { execute }.Parse(ParameterArguments.AsOneWord(args, parameterNames)).InvokeAsync();

static Dictionary<string, string> ReadParameters(ArgumentResult result)
{
    var read = new Dictionary<string, string>();
    foreach (var token in result.Tokens)
    {
        try
        {
            var (name, value) = ParameterArguments.Split(token.Value);
            read[name] = value;
        }
        catch (ArgumentException e)
        {
            result.AddError(e.Message);
        }
    }

    return read;
}
