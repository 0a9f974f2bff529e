using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Plotly.NET.Interactive;

namespace DIDD.Notebooks.DotNetInteractive;

/// <summary>
/// Executes cells on .NET Interactive: its C# kernel within a composite one, as its own host has them, and Plotly.NET's extension, which shows charts that
/// cells make themselves. Relative paths start at the current folder.
/// </summary>
internal sealed class InteractiveSession : ICellEngine
{
    private readonly CompositeKernel _kernel;

    public InteractiveSession()
    {
        var csharp = new CSharpKernel().UseKernelHelpers();
        _kernel = new CompositeKernel { csharp };
        _kernel.DefaultKernelName = csharp.Name;
        ((IKernelExtension)new FormatterKernelExtension()).OnLoadAsync(csharp).GetAwaiter().GetResult();
    }

    public IReadOnlyList<string> ReferencedFolders { get; } = [AppContext.BaseDirectory];

    public async Task<CellError?> RunAsync(string code, string name, IOutputSink outputs, CancellationToken cancellation)
    {
        using var subscription = _kernel.KernelEvents.Subscribe(happened => Show(happened, outputs));
        var result = await _kernel.SendAsync(new SubmitCode(code), cancellation);
        if (result.Events.OfType<CommandFailed>().LastOrDefault() is not { } failure)
            return null;
        var cause = failure.Exception is { InnerException: CompilationErrorException compilation } ? compilation : failure.Exception;
        var error = cause is null ? new CellError("CommandFailed", failure.Message, null, [$"{name}: {failure.Message}"]) : CellError.Of(cause, name);
        outputs.ShowError(error);
        return error;
    }

    public void Dispose() => _kernel.Dispose();

    private static void Show(KernelEvent happened, IOutputSink outputs)
    {
        switch (happened)
        {
            case StandardOutputValueProduced written:
                outputs.WriteStream("stdout", written.FormattedValues.First().Value);
                break;
            case StandardErrorValueProduced written:
                outputs.WriteStream("stderr", written.FormattedValues.First().Value);
                break;
            case DisplayedValueProduced displayed:
                outputs.ShowDisplay(displayed.ValueId, Bundle(displayed));
                break;
            case DisplayedValueUpdated updated:
                outputs.UpdateDisplay(updated.ValueId, Bundle(updated));
                break;
            case ReturnValueProduced returned:
                outputs.ShowResult(Bundle(returned));
                break;
        }
    }

    private static Dictionary<string, string> Bundle(DisplayEvent shown) => shown.FormattedValues.ToDictionary(value => value.MimeType, value => value.Value);
}
