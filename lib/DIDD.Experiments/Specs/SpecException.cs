namespace DIDD.Experiments;

/// <summary>A run cannot be what was asked for. The message says which setting, what it is, and what it may be.</summary>
/// <param name="message">The message, one line.</param>
public sealed class SpecException(string message) : Exception(message);
