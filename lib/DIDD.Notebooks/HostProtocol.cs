namespace DIDD.Notebooks;

/// <summary>What a notebook's process is asked to do; passed as JSON on its command line.</summary>
/// <param name="Name">File name of the notebook, as messages name it.</param>
/// <param name="Folder">Full path of the notebook's folder, where its relative paths start.</param>
/// <param name="Copy">Full path of the copy to execute in place: parameters injected, without outputs.</param>
/// <param name="Pipe">Name of the pipe that takes the messages.</param>
internal sealed record HostRequest(string Name, string Folder, string Copy, string Pipe);

/// <summary>What a message from a notebook's process tells.</summary>
internal enum HostEvent
{
    CellStarted,
    CellFinished,
    Ended,
}

/// <summary>A message from a notebook's process: one line of JSON on a pipe of its own, out of reach of whatever writes to the console.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Cell">Which code cell, from 1.</param>
/// <param name="PeakBytes">Largest resident memory so far.</param>
/// <param name="Failure">At the end: what stopped the notebook, if anything did.</param>
internal sealed record HostMessage(HostEvent Event, int Cell, long PeakBytes, CellFailure? Failure);
