using DIDD.Data;

namespace DIDD.Baselines;

/// <summary>Chooses real images of a class.</summary>
internal interface ISelection
{
    /// <summary>Chooses images.</summary>
    /// <param name="train">The training images of a domain.</param>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="label">Index of the class.</param>
    /// <param name="count">How many; where the class has fewer, all of them are chosen, and then some again.</param>
    /// <returns>Indices into <paramref name="train"/>, the best choice first.</returns>
    public IReadOnlyList<long> Choose(DomainSet train, int domain, int label, int count);
}
