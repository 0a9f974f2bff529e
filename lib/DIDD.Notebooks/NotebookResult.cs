namespace DIDD.Notebooks;

/// <summary>How the execution of a notebook ended.</summary>
public enum NotebookOutcome
{
    /// <summary>All cells succeeded, or failed where their tag <c>raises-exception</c> allows it.</summary>
    Ok,

    /// <summary>A cell did not compile, threw, or had a directive that could not be done.</summary>
    CellFailed,

    /// <summary>A cell ran longer than its limit, and its process was killed.</summary>
    TimedOut,

    /// <summary>The notebook's process ended by itself: a crash in native code, out of memory, or an exit that a cell asked for.</summary>
    ProcessDied,

    /// <summary>The file is no notebook that can be run.</summary>
    Invalid,
}

/// <summary>What stopped a notebook.</summary>
/// <param name="Notebook">File name.</param>
/// <param name="Cell">Which code cell, from 1, as the executed copy shows it in brackets; null where none had begun.</param>
/// <param name="Line">Line in the cell, from 1, where known.</param>
/// <param name="Message">What went wrong.</param>
public sealed record CellFailure(string Notebook, int? Cell, int? Line, string Message)
{
    /// <summary>Notebook, cell, line and message in one text: <c>01-data.ipynb, cell [3], line 2: …</c>.</summary>
    public override string ToString() =>
        $"{Notebook}{(Cell is null ? "" : $", cell [{Cell}]")}{(Line is null ? "" : $", line {Line}")}: {Message}";
}

/// <summary>What the execution of a notebook gave.</summary>
/// <param name="Source">Full path of the notebook.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="CellsExecuted">Code cells that finished.</param>
/// <param name="Cells">Code cells in the notebook, with the injected one.</param>
/// <param name="Seconds">Wall time from the start of the process to its end.</param>
/// <param name="PeakBytes">Largest resident memory of the notebook's process, in bytes, as last measured; 0 where the system does not tell.</param>
/// <param name="ExecutedCopy">Full path of the notebook with its outputs; null where nothing was executed.</param>
/// <param name="Failure">What stopped it; null when <see cref="Outcome"/> is <see cref="NotebookOutcome.Ok"/>.</param>
public sealed record NotebookResult(
    string Source,
    NotebookOutcome Outcome,
    int CellsExecuted,
    int Cells,
    double Seconds,
    long PeakBytes,
    string? ExecutedCopy,
    CellFailure? Failure)
{
    /// <summary>File name of the notebook.</summary>
    public string Notebook => Path.GetFileName(Source);
}

/// <summary>A cell of a running notebook began or ended.</summary>
/// <param name="Notebook">File name of the notebook.</param>
/// <param name="Cell">Which code cell, from 1.</param>
/// <param name="Cells">Code cells in the notebook.</param>
/// <param name="IsFinished">False as the cell begins, true as it ends.</param>
/// <param name="PeakBytes">Largest resident memory of the notebook's process so far, in bytes.</param>
public sealed record CellProgress(string Notebook, int Cell, int Cells, bool IsFinished, long PeakBytes);
