namespace DIDD.Notebooks.Jupyter;

/// <summary>The kernel cannot start, or cannot be installed.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">The error behind it, if any.</param>
public sealed class KernelException(string message, Exception? inner = null) : Exception(message, inner);
