namespace DIDD.Evaluation;

/// <summary>
/// The scores of DD-Ranking (Li et al. 2025, arXiv 2505.13300; github.com/NUS-HPC-AI-Lab/DD-Ranking, doc/introduction.md): how much of an accuracy
/// is due to the distilled images, not to soft labels or augmentation. A weighted sum x of differences of accuracies becomes the score
/// 100·(eˣ − e⁻¹)/(e − e⁻¹), 0 at x = −1, 38.7 at 0, and 100 at 1.
/// </summary>
public static class DdRanking
{
    /// <summary>Label-robust score: x = w·(any − random) − (1−w)·(real − hard). The score in [0,100].</summary>
    /// <param name="realHard">Accuracy, per cent, of a network trained on all real images with hard labels.</param>
    /// <param name="syntheticHard">Of one trained on the synthetic images with hard labels.</param>
    /// <param name="syntheticAny">Of one trained on the synthetic images with the method's own evaluation.</param>
    /// <param name="randomAny">Of one trained on equally many random real images with that evaluation.</param>
    /// <param name="weight">w in [0,1], the weight of the improvement over random images against the recovery of the real ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">An accuracy is not in [0,100], or the weight not in [0,1].</exception>
    public static double LabelRobust(double realHard, double syntheticHard, double syntheticAny, double randomAny, double weight = 0.5) =>
        Score(weight, Difference(syntheticAny, randomAny), -Difference(realHard, syntheticHard));

    /// <summary>Augmentation-robust score: x = γ·(synthetic − random, both augmented) + (1−γ)·(synthetic − random, neither augmented). The score in [0,100].</summary>
    /// <param name="syntheticAugmented">Accuracy, per cent, of a network trained on the synthetic images with augmentation.</param>
    /// <param name="randomAugmented">Of one trained on equally many random real images with augmentation.</param>
    /// <param name="syntheticPlain">Of one trained on the synthetic images without.</param>
    /// <param name="randomPlain">Of one trained on equally many random real images without.</param>
    /// <param name="weight">γ in [0,1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An accuracy is not in [0,100], or the weight not in [0,1].</exception>
    public static double AugmentationRobust(double syntheticAugmented, double randomAugmented, double syntheticPlain, double randomPlain, double weight = 0.5) =>
        Score(weight, Difference(syntheticAugmented, randomAugmented), Difference(syntheticPlain, randomPlain));

    private static double Score(double weight, double first, double second)
    {
        if (weight is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "the weight must be between 0 and 1");
        return 100 * (Math.Exp(weight * first + (1 - weight) * second) - Math.Exp(-1)) / (Math.E - Math.Exp(-1));
    }

    // Of two accuracies in per cent, as a share in [−1,1].
    private static double Difference(double first, double second)
    {
        foreach (var accuracy in (double[])[first, second])
            if (accuracy is not (>= 0 and <= 100))
                throw new ArgumentOutOfRangeException(nameof(first), accuracy, "accuracies are in per cent, between 0 and 100");
        return (first - second) / 100;
    }
}
