namespace DIDD.Verification;

/// <summary>What became of one reference case.</summary>
/// <param name="Name">Name of the case: its file without the ending.</param>
/// <param name="Error">Largest absolute difference of an element; null where nothing could be compared.</param>
/// <param name="Tolerance">Largest difference allowed; null where it is not known.</param>
/// <param name="Problem">Why nothing could be compared; null where something was.</param>
public sealed record CaseResult(string Name, double? Error, double? Tolerance, string? Problem)
{
    /// <summary>Whether the case agrees.</summary>
    public bool Passed => Problem is null && Error <= Tolerance;
}
