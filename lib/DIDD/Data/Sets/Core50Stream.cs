using System.Globalization;
using static TorchSharp.torch;

namespace DIDD.Data;

/// <summary>Seq-CORe50: the sessions of CORe50 one after another; 50 objects or their 10 categories; the paper's split or CORe50's own (METHOD §6).</summary>
public sealed class Core50Stream : StoredStream
{
    internal static readonly IReadOnlyList<string> Sessions = [.. Numbered("s", 11)];
    internal static readonly IReadOnlyList<string> Objects = [.. Numbered("o", 50)];
    internal static readonly IReadOnlyList<string> Categories =
        ["plug_adapter", "mobile_phone", "scissor", "light_bulb", "can", "glass", "ball", "marker", "cup", "remote_control"];

    private const int ObjectsPerCategory = 5;
    private const double TrainingShare = 0.8;

    private static readonly IReadOnlyList<string> TestSessions = ["s3", "s7", "s10"];

    private readonly IImageSource _source;
    private readonly LabelLevel _level;
    private readonly SessionSplit _split;
    private readonly Randomness _randomness;

    /// <summary>Creates the stream.</summary>
    /// <param name="source">The frames: the parts <c>s1</c> to <c>s11</c>, labels by object.</param>
    /// <param name="size">Height and width, pixels.</param>
    /// <param name="level">What the classes are.</param>
    /// <param name="split">What is for training and what for test.</param>
    /// <param name="randomness">Gives the split of a session.</param>
    /// <param name="device">Where the images live; the CPU by default.</param>
    public Core50Stream(IImageSource source, int size, LabelLevel level, SessionSplit split, Randomness randomness, Device? device = null) : base(device)
    {
        (_source, _level, _split, _randomness) = (source, level, split, randomness);
        (Shape, Domains, Classes) = (new ImageShape(3, size, size), DomainsOf(split), ClassesOf(level));
    }

    /// <inheritdoc/>
    public override string Name => "core50";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Domains { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override ImageShape Shape { get; }

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.ImageNet;

    /// <inheritdoc/>
    public override string Provenance => $"CORe50 (Lomonaco, Maltoni, CoRL 2017), {(_split == SessionSplit.PerSession ? "80/20 split of every session" : "new instances, tested on s3, s7 and s10")}";

    /// <inheritdoc/>
    protected override bool SharesTest => _split == SessionSplit.NewInstances;

    internal static IReadOnlyList<string> DomainsOf(SessionSplit split) => split == SessionSplit.PerSession ? Sessions : [.. Sessions.Except(TestSessions)];

    internal static IReadOnlyList<string> ClassesOf(LabelLevel level) => level == LabelLevel.Objects ? Objects : Categories;

    /// <inheritdoc/>
    protected override (Tensor Images, IReadOnlyList<int> Labels) Load(int domain, bool test)
    {
        if (_split == SessionSplit.NewInstances)
        {
            var sessions = test ? TestSessions : [Domains[domain]];
            return (cat([.. sessions.Select(session => _source.Images(session))]), [.. sessions.SelectMany(_source.Labels).Select(Class)]);
        }
        var labels = _source.Labels(Domains[domain]);
        using var generator = _randomness.Generator(Purpose.SessionSplit, domain);
        using var order = randperm(labels.Count, generator: generator);
        var training = (int)(labels.Count * TrainingShare);
        var chosen = order.data<long>().Skip(test ? training : 0).Take(test ? labels.Count - training : training).Select(i => (int)i).Order().ToArray();
        return (_source.Images(Domains[domain], chosen), [.. chosen.Select(i => Class(labels[i]))]);
    }

    private int Class(int label) => _level == LabelLevel.Objects ? label : label / ObjectsPerCategory;

    private static IEnumerable<string> Numbered(string letter, int count) => Enumerable.Range(1, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"{letter}{n}"));
}
