namespace DIDD.Data;

/// <summary>A data file is missing, damaged or not what it should be. The message names the file, what was expected and found, and what to do.</summary>
/// <param name="message">The message.</param>
/// <param name="innerException">What was behind it, or null.</param>
public sealed class DataSetException(string message, Exception? innerException = null) : Exception(message, innerException);
