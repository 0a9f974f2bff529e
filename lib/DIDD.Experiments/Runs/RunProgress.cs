namespace DIDD.Experiments;

/// <summary>Where a run stands.</summary>
/// <param name="Domain">Index of the domain, from 0.</param>
/// <param name="Domains">T.</param>
/// <param name="Evaluating">False while it distils, true while it evaluates.</param>
/// <param name="Step">Iterations or epochs done in this stage.</param>
/// <param name="Steps">Iterations or epochs of this stage.</param>
/// <param name="Loss">L_plastic of the last iteration; null while it evaluates.</param>
/// <param name="Average">A_t after the domain; given once, when the domain is done.</param>
/// <param name="Fraction">Share of the run's work that is done, in [0,1], weighted by measured time.</param>
/// <param name="Remaining">Estimated time to the end; null before anything is measured.</param>
/// <param name="Look">Copies the set as it is now, to be called while the progress is taken; gives null where there is none to see. Null where nobody can look.</param>
public sealed record RunProgress(
    int Domain, int Domains, bool Evaluating, int Step, int Steps, double? Loss, double? Average, double Fraction, TimeSpan? Remaining, Func<SyntheticSet?>? Look = null);
