namespace DIDD.Data;

/// <summary>How an object moves through a generated session: position, scale and angle are smooth functions of time.</summary>
internal sealed class SessionPath
{
    private readonly (double Mean, double Swing, double Cycles, double Phase) _x, _y, _scale, _angle;

    public SessionPath(RandomStream stream)
    {
        double Between(double low, double high) => low + (high - low) * stream.NextDouble();
        (double, double, double, double) Curve(double low, double high, double swing) => (Between(low, high), swing * Between(0.5, 1), Between(0.5, 1.5), Between(0, 1));
        (_x, _y, _scale, _angle) = (Curve(0.45, 0.55, 0.1), Curve(0.45, 0.55, 0.1), Curve(0.65, 0.85, 0.12), Curve(-0.4, 0.4, 0.5));
        Start = Between(0, 1);
    }

    /// <summary>Where the background begins, in widths of the image.</summary>
    public double Start { get; }

    /// <summary>The object at a time in [0,1): centre, in widths from the upper left corner; width, in widths of the image; angle in radians.</summary>
    public (double X, double Y, double Scale, double Radians) At(double time)
    {
        double Value((double Mean, double Swing, double Cycles, double Phase) curve) => curve.Mean + curve.Swing * Math.Sin(2 * Math.PI * (curve.Cycles * time + curve.Phase));
        return (Value(_x), Value(_y), Value(_scale), Value(_angle));
    }
}
