using DIDD.Data;

namespace DIDD.Baselines;

/// <summary>Chooses real images of a class.</summary>
public interface ISelection
{
    /// <summary>Chooses images.</summary>
    /// <param name="train">The training images of a domain.</param>
    /// <param name="domain">Index of the domain, from 0.</param>
    /// <param name="label">Index of the class.</param>
    /// <param name="count">How many; the class has as many at least.</param>
    /// <returns>Indices into <paramref name="train"/>, all different, the best choice first.</returns>
    public IReadOnlyList<long> Choose(DomainSet train, int domain, int label, int count);
}
