namespace DIDD.Benchmarking;

/// <summary>What <c>didd bench</c> measured at one setting; everything derived is computed from the figures beside it.</summary>
/// <param name="Environment">Where, and how long the whole measurement took.</param>
/// <param name="Spec">The setting.</param>
/// <param name="Classes">Number of classes C that took part.</param>
/// <param name="Iterations">Timed iterations of every variant; the times are those of the median one.</param>
/// <param name="MegaFlopPerImage">Floating-point operations of the network's convolutions in one forward of one image, 10⁶.</param>
/// <param name="PeakGigaFlopsPerSecond">What the library reaches on these convolutions alone, forward, 10⁹ operations per second.</param>
/// <param name="Variants">The iterations, ours and those of the literal loop.</param>
/// <param name="Evaluation">Training and test of the evaluation networks.</param>
public sealed record BenchReport(
    RunEnvironment Environment, RunSpec Spec, int Classes, int Iterations, double MegaFlopPerImage, double PeakGigaFlopsPerSecond,
    IReadOnlyList<VariantReport> Variants, EvaluationReport Evaluation)
{
    /// <summary>Hours of a whole run at this setting as its parts add up: all domains, distilled by the spec's rule and meta draw, each set evaluated; the first domain counts like the others.</summary>
    public double RunHours => Spec.Domains * (Spec.Distillation.Iterations * Variant(Spec.Rule, Spec.Meta.Draw).Milliseconds / 1000 + Evaluation.SecondsPerSet) / 3600;

    /// <summary>Our iteration of a rule; rules without a meta step ignore the draw.</summary>
    public VariantReport Variant(string rule, Distillation.MetaDraw draw) => Variants.First(v => v.Rule == rule && !v.Literal && (v.MetaDraw ?? draw) == draw);
}

/// <summary>One kind of iteration.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Rule">The update rule.</param>
/// <param name="MetaDraw">The meta step's draw; null where there is no meta step.</param>
/// <param name="Literal">Whether it is the literal sequential loop.</param>
/// <param name="Milliseconds">Wall-clock time of the median iteration.</param>
/// <param name="Stages">Its stages; null for the literal loop, which has none.</param>
/// <param name="ImagePasses">Forwards and vector–Jacobian products of the network in one iteration, counted in images.</param>
/// <param name="GigaFlop">Their convolutions' floating-point operations, 10⁹: a vector–Jacobian product counts like a forward.</param>
/// <param name="ShareOfPeak">Their rate as a share of the convolutions' measured peak.</param>
/// <param name="PeakMegabytes">The process' largest resident memory by the end of this variant's warm-up, MiB; variants warm up in the order of the report.</param>
/// <param name="ToFinetune">Its time over that of our Finetune iteration.</param>
/// <param name="LoopToThis">The time of the literal loop of the same rule over its time; null where that was not measured, and for the loop itself.</param>
/// <param name="AuthorsMilliseconds">Time of the authors' own loop at this setting as the caller measured it; null where none was given.</param>
/// <param name="AuthorsToThis">That time over its time.</param>
public sealed record VariantReport(
    string Name, string Rule, Distillation.MetaDraw? MetaDraw, bool Literal, double Milliseconds, StageMilliseconds? Stages, long ImagePasses, double GigaFlop, double ShareOfPeak,
    double PeakMegabytes, double ToFinetune, double? LoopToThis, double? AuthorsMilliseconds, double? AuthorsToThis)
{
    /// <summary>Image passes per second.</summary>
    public double ImagesPerSecond => ImagePasses / Milliseconds * 1000;

    /// <summary>10⁹ floating-point operations per second.</summary>
    public double GigaFlopsPerSecond => GigaFlop / Milliseconds * 1000;
}

/// <summary>The stages of an iteration, milliseconds; they add up to the whole.</summary>
/// <param name="Targets">Draws, and features of the real and previous images.</param>
/// <param name="Gradients">Features of the synthetic images, losses, g_P and g_S.</param>
/// <param name="Rule">The update rule, with its meta step.</param>
/// <param name="Update">The image optimiser.</param>
/// <param name="Rest">What follows them: losses, steps and rates are read and checked.</param>
public sealed record StageMilliseconds(double Targets, double Gradients, double Rule, double Update, double Rest);

/// <summary>Training and test of the evaluation networks by the clean protocol.</summary>
/// <param name="Networks">Networks trained on a set.</param>
/// <param name="TrainingImages">Training images of a set, f²·IPC·C.</param>
/// <param name="SecondsPerEpoch">Seconds per epoch and network.</param>
/// <param name="TestImagesPerSecond">Test images per second and network.</param>
/// <param name="SecondsPerSet">Seconds of the evaluation of one set at the spec's epochs, networks, domains and test images, computed from the two rates.</param>
public sealed record EvaluationReport(int Networks, long TrainingImages, double SecondsPerEpoch, double TestImagesPerSecond, double SecondsPerSet);
