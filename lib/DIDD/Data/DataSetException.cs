namespace DIDD.Data;

/// <summary>A data file is missing, damaged or not what it should be. The message names the file, what was expected and found, and what to do.</summary>
public sealed class DataSetException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DataSetException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
