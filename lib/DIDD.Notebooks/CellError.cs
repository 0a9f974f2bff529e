using Microsoft.CodeAnalysis.Scripting;
using Diagnostic = Microsoft.CodeAnalysis.Diagnostic;

namespace DIDD.Notebooks;

/// <summary>Why a cell failed.</summary>
/// <param name="Kind">Type of the exception, or <c>CompilationError</c>.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Line">Line in the cell, from 1; null where none is to blame.</param>
/// <param name="Trace">Lines to show: the message with its place, then the calls down to the cell.</param>
public sealed partial record CellError(string Kind, string Message, int? Line, IReadOnlyList<string> Trace)
{
    /// <summary>Describes a failure of the cell that messages and traces call <paramref name="cellName"/>.</summary>
    internal static CellError Of(Exception error, string cellName) => error switch
    {
        CompilationErrorException compilation => OfCompilation(compilation, cellName),
        DirectiveException directive => new("DirectiveError", directive.Message, directive.Line, [$"{cellName}, line {directive.Line}: {directive.Message}"]),
        _ => OfException(error, cellName),
    };

    /// <summary>The error of a cell that a user stopped.</summary>
    internal static CellError Interrupted(string cellName) => new("Interrupted", "the cell was interrupted", null, [$"{cellName}: interrupted"]);

    /// <summary>The error as nbformat and messages have it.</summary>
    internal JsonObject ToJson() => new()
    {
        ["ename"] = Kind,
        ["evalue"] = Message,
        ["traceback"] = new JsonArray([.. Trace.Select(line => JsonValue.Create(line))]),
    };

    private static CellError OfCompilation(CompilationErrorException error, string cellName)
    {
        var errors = error.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToArray();
        var isInCell = File(errors[0]) == cellName;
        return new(
            "CompilationError",
            isInCell ? Text(errors[0]) : Place(errors[0]),
            isInCell ? Line(errors[0]) : null,
            [.. errors.Select(Place)]);

        static string File(Diagnostic diagnostic) => diagnostic.Location.GetLineSpan().Path;
        static int Line(Diagnostic diagnostic) => diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1;
        static string Text(Diagnostic diagnostic) => $"{diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}";
        static string Place(Diagnostic diagnostic) => $"{File(diagnostic)}, line {Line(diagnostic)}: {Text(diagnostic)}";
    }

    private static CellError OfException(Exception error, string cellName)
    {
        // The compiler roots the names of cells in the notebook's folder.
        var line = Chain(error)
            .SelectMany(each => new StackTrace(each, fNeedFileInfo: true).GetFrames())
            .FirstOrDefault(frame => Path.GetFileName(frame.GetFileName()) == cellName)?.GetFileLineNumber();
        var kind = error.GetType().FullName ?? error.GetType().Name;
        var place = line is null ? cellName : $"{cellName}, line {line}";
        return new(kind, error.Message, line, [$"{place}: {kind}: {error.Message}", .. CallsDownToCell(error)]);
    }

    private static IEnumerable<Exception> Chain(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            yield return error;
    }

    /// <summary>The trace and the inner exceptions, without what lies below the cell: the script runner and the host.</summary>
    private static IEnumerable<string> CallsDownToCell(Exception error)
    {
        var lines = error.ToString().ReplaceLineEndings("\n").Split('\n')
            .Where(line => !line.StartsWith("--- End of stack trace", StringComparison.Ordinal)).ToArray();
        var first = Array.FindIndex(lines, line => line.StartsWith(" ---> ", StringComparison.Ordinal) || line.StartsWith("   at ", StringComparison.Ordinal));
        var last = Array.FindLastIndex(lines, CellFrame().IsMatch);
        return lines.Take(last + 1).Skip(first).Select(line => CellFrame().Replace(line, "   at ${method}${file}, line ${line}"));
    }

    /// <summary>A frame of a cell's own code, whose compiled class is named Submission#n.</summary>
    [GeneratedRegex(@"^   at Submission#\d+\.(?:<<Initialize>>d__\d+\.MoveNext\(\) in |(?<method>.* in ))(?:.*[/\\])?(?<file>[^/\\]+):line (?<line>\d+)$")]
    private static partial Regex CellFrame();
}
