namespace DIDD.Verification;

/// <summary>What became of one reference case.</summary>
/// <param name="Name">Name of the case: its file without the ending.</param>
/// <param name="Error">Largest absolute difference of an element; null where nothing could be compared.</param>
/// <param name="Tolerance">Largest difference allowed; null where it is not known.</param>
/// <param name="Problem">Why nothing could be compared; null where something was.</param>
/// <param name="Skipped">Whether that is no failure: the case needs pictures that may not be passed on, and no folder of them was named.</param>
public sealed record CaseResult(string Name, double? Error, double? Tolerance, string? Problem, bool Skipped = false)
{
    /// <summary>Whether the case agrees.</summary>
    public bool Passed => Problem is null && Error <= Tolerance;
}
