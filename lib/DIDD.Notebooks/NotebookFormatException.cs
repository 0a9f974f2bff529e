namespace DIDD.Notebooks;

/// <summary>A notebook file cannot be run as it is: its message names the file, what is wrong in it and what to do.</summary>
/// <param name="notebook">File name of the notebook.</param>
/// <param name="problem">What is wrong, and what to do about it.</param>
/// <param name="inner">The error of the JSON reader, if it found the problem.</param>
public sealed class NotebookFormatException(string notebook, string problem, Exception? inner = null)
    : Exception($"{notebook}: {problem}", inner);
