using DIDD.Evaluation;

namespace DIDD.Tests;

public class AccuracyMatrixTests
{
    // Rows: after domains 1, 2, 3. Domain 1 falls from 90 to 60 (30 lost), domain 2 rises from 70 to 80 (nothing lost).
    private static readonly AccuracyMatrix Matrix = new([[90, 10, 20], [50, 70, 30], [60, 80, 95]]);

    [Fact]
    public void Average_IsTheMeanOfTheDomainsSeen()
    {
        Assert.Equal((60 + 80 + 95) / 3.0, Matrix.Average, 12);
        Assert.Equal((50 + 70) / 2.0, Matrix.AverageAfter(1), 12);
    }

    [Fact]
    public void Forgetting_CountsWhatWasLostAndNeverLessThanZero()
    {
        Assert.Equal((30 + 0) / 2.0, Matrix.Forgetting!.Value, 12);
        Assert.Equal(40, Matrix.ForgettingAfter(1), 12);
        Assert.Equal(0, Matrix.ForgettingAfter(0), 12);
    }

    [Fact]
    public void Forgetting_IgnoresDomainsBeforeTheyAreSeen() =>
        Assert.Equal(Matrix.Forgetting, new AccuracyMatrix([[90, 99, 99], [50, 70, 99], [60, 80, 95]]).Forgetting);

    [Fact]
    public void Segments_AreMeansOfConsecutiveDomains()
    {
        var twenty = new AccuracyMatrix(Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, 20).Select(k => (double?)k).ToArray()));
        Assert.Equal([(1, 5, 2), (6, 10, 7), (11, 15, 12), (16, 20, 17)], twenty.Segments());
        Assert.Equal(3, Matrix.Segments().Count);
    }

    [Fact]
    public void JointRow_HasSeenAllDomains_AndForgetsNothing()
    {
        var joint = new AccuracyMatrix([[60, 80, 95]], joint: true);
        Assert.Equal((3, (60 + 80 + 95) / 3.0, null), (joint.Done, joint.Average, joint.Forgetting));
        Assert.Equal([(1, 1, 60), (2, 2, 80), (3, 3, 95)], joint.Segments());
        Assert.Throws<ArgumentException>(() => new AccuracyMatrix([[1, 2], [1, 2]], joint: true));
    }

    [Fact]
    public void DomainsNotYetSeen_NeedNoMeasure()
    {
        var official = new AccuracyMatrix([[90, null, null], [50, 70, null], [60, 80, 95]]);
        Assert.Equal((Matrix.Average, Matrix.Forgetting, Matrix.AverageAfter(1)), (official.Average, official.Forgetting, official.AverageAfter(1)));
        Assert.Null(official[0, 2]);
        Assert.Contains("domain 1 after domain 2", Assert.Throws<ArgumentException>(() => new AccuracyMatrix([[90, null], [null, 80]])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnequalRows_AreRefused() => Assert.Throws<ArgumentException>(() => new AccuracyMatrix([[1, 2], [1]]));
}
