namespace DIDD.Notebooks;

/// <summary>A line such as <c>#r</c> or <c>#!import</c> cannot be done.</summary>
/// <param name="line">Line in the cell, from 1.</param>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">The error behind it, if any.</param>
internal sealed class DirectiveException(int line, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Line { get; } = line;
}
