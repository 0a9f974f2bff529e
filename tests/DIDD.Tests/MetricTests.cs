using DIDD.Evaluation;

namespace DIDD.Tests;

public class MetricTests
{
    // Domain 1: 90, 95, 60, 70. Domain 2, measured at 85 before it was seen: 70, 75, 80. Domain 3: 60, 40.
    private static readonly AccuracyMatrix Matrix = new([[90, 85, 1, 2], [95, 70, 3, 4], [60, 75, 60, 5], [70, 80, 40, 99]]);

    [Theory]
    [InlineData("authors", (25 + 0 + 20) / 3.0)]
    [InlineData("mammoth", (25 + 5 + 20) / 3.0)]
    [InlineData("avalanche", (20 - 10 + 20) / 3.0)]
    [InlineData("chaudhry", (25 + 5 + 20) / 3.0)]
    public void Forgetting_IsAsComputedByHand(string name, double expected) => Assert.Equal(expected, ForgettingMeasure.ByName[name](Matrix, 3), 12);

    [Fact]
    public void Forgetting_DoesNotLookAhead() =>
        Assert.All(ForgettingMeasure.ByName, measure => Assert.Equal(measure.Value(new AccuracyMatrix(Matrix.Rows.Take(3)), 2), measure.Value(Matrix, 2), 12));

    [Fact]
    public void FirstDomain_HasNothingToForget() => Assert.All(ForgettingMeasure.ByName.Values, measure => Assert.Equal(0, measure(Matrix, 0)));

    [Fact]
    public void WhereOnlySeenDomainsAreMeasured_MammothIsTheAuthors()
    {
        var official = new AccuracyMatrix(Matrix.Rows.Select((row, t) => row.Select((accuracy, k) => k > t ? null : accuracy).ToArray()));
        Assert.Equal(official.Forgetting!.Value, ForgettingMeasure.ByName["mammoth"](official, 3), 12);
    }

    // Table of Student's t: 12.706, 4.303, 2.776 at 97.5 % with 1, 2, 4 degrees of freedom.
    [Theory]
    [InlineData(new double[] { 1, 3 }, 2, 12.706)]
    [InlineData(new double[] { 1, 2, 3 }, 2, 4.303 * 0.57735)]
    [InlineData(new double[] { 2, 4, 4, 4, 6 }, 4, 2.776 * 0.63246)]
    public void Interval_IsStudentsT(double[] values, double mean, double halfWidth)
    {
        var interval = MeanInterval.Of(values);
        Assert.Equal((mean, values.Length), (interval.Mean, interval.Count));
        Assert.Equal(halfWidth, interval.HalfWidth!.Value, 2);
    }

    [Fact]
    public void OneValue_HasNoInterval()
    {
        Assert.Equal(new MeanInterval(7, null, 1), MeanInterval.Of([7]));
        Assert.Equal("7.0", MeanInterval.Of([7]).ToString());
        Assert.Equal("2.0 ± 2.5", MeanInterval.Of([1, 2, 3]).ToString());
        Assert.Throws<ArgumentException>(() => MeanInterval.Of([]));
        Assert.Throws<ArgumentException>(() => MeanInterval.Of([1, double.NaN]));
    }
}
