using DIDD.Data;
using DIDD.Synthetic;

namespace DIDD.Evaluation;

/// <summary>One synthetic set under both protocols (METHOD §5): the same set, the same training, other networks.</summary>
/// <param name="Domains">Names of the K domains tested on.</param>
/// <param name="Clean">Accuracy by the clean protocol on each, per cent, over the networks, [K].</param>
/// <param name="Official">By the official one, [K].</param>
/// <param name="Difference">Official − clean of the mean over the domains, per cent points, over the networks.</param>
public sealed record ProtocolComparison(IReadOnlyList<string> Domains, IReadOnlyList<MeanInterval> Clean, IReadOnlyList<MeanInterval> Official, MeanInterval Difference)
{
    /// <summary>Evaluates a set under both protocols.</summary>
    /// <param name="stream">The K domains to test on, all of which the set has seen.</param>
    /// <param name="set">The set.</param>
    /// <param name="settings">Training and number of networks n; the protocol is ignored. n trainings for the clean protocol, K·n for the official one.</param>
    /// <param name="randomness">Source of weights, orders and augmentations.</param>
    /// <param name="cancellation">Stops between two epochs.</param>
    public static ProtocolComparison Of(DomainStream stream, SyntheticSet set, EvaluationSettings settings, Randomness randomness, CancellationToken cancellation = default)
    {
        double[][] By(Protocol protocol)
        {
            using var evaluator = new Evaluator(stream, settings with { Protocol = protocol }, randomness);
            return [.. evaluator.Evaluate(stream.Domains.Count - 1, set, null, cancellation).Select(n => n.Select(a => a!.Value).ToArray())];
        }
        MeanInterval[] PerDomain(double[][] networks) => [.. Enumerable.Range(0, stream.Domains.Count).Select(k => MeanInterval.Of([.. networks.Select(n => n[k])]))];
        var (clean, official) = (By(Protocol.Clean), By(Protocol.Official));
        return new ProtocolComparison(
            stream.Domains, PerDomain(clean), PerDomain(official), MeanInterval.Of([.. official.Zip(clean, (o, c) => o.Average() - c.Average())]));
    }
}
