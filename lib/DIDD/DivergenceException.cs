namespace DIDD;

/// <summary>A loss is no longer finite, or a step exploded. The message names where, the values, and what to do.</summary>
/// <param name="message">The message.</param>
public sealed class DivergenceException(string message) : Exception(message);
