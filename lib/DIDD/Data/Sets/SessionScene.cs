namespace DIDD.Data;

/// <summary>What all frames of a generated session share: background texture, light and colour cast.</summary>
internal sealed class SessionScene
{
    private const int Waves = 4;
    private const int SamplesPerSide = 2;

    private readonly double[] _dark = new double[3], _bright = new double[3], _cast = new double[3];
    private readonly (double X, double Y, double Phase)[] _waves = new (double, double, double)[Waves];
    private readonly double _lightX, _lightY, _gain, _drift;

    public SessionScene(RandomStream stream)
    {
        for (var channel = 0; channel < 3; channel++)
            (_dark[channel], _bright[channel], _cast[channel]) = (stream.Between(0, 160), stream.Between(60, 255), stream.Between(0.65, 1.2));
        // Waves in all directions, 1 to 7 of them across the image: coarse for some sessions, fine for others.
        var fineness = stream.Between(1, 4);
        for (var w = 0; w < Waves; w++)
        {
            var (direction, frequency) = (stream.Between(0, 2 * Math.PI), fineness * stream.Between(0.6, 1.8));
            _waves[w] = (frequency * Math.Cos(direction), frequency * Math.Sin(direction), stream.Between(0, 1));
        }
        var angle = stream.Between(0, 2 * Math.PI);
        var strength = stream.Between(0, 0.7);
        (_lightX, _lightY, _gain, _drift) = (strength * Math.Cos(angle), strength * Math.Sin(angle), stream.Between(0.6, 1.15), stream.Between(0.1, 0.6));
    }

    /// <summary>Draws a frame of an object on its path, at a time in [0,1), into <paramref name="pixels"/>, [3,size,size], 8-bit.</summary>
    public void Render(Sprite sprite, SessionPath path, double time, int size, Span<byte> pixels)
    {
        var (centerX, centerY, scale, radians) = path.At(time);
        double cos = Math.Cos(radians) / scale, sin = Math.Sin(radians) / scale;
        Span<double> rgba = stackalloc double[4];
        Span<double> sum = stackalloc double[3];
        for (var row = 0; row < size; row++)
            for (var column = 0; column < size; column++)
            {
                double x = (column + 0.5) / size, y = (row + 0.5) / size;
                var texture = Texture(x + _drift * (time + path.Start), y);
                sum.Clear();
                for (var sample = 0; sample < SamplesPerSide * SamplesPerSide; sample++)
                {
                    double offsetX = (sample % SamplesPerSide + 0.5) / SamplesPerSide - 0.5, offsetY = (sample / SamplesPerSide + 0.5) / SamplesPerSide - 0.5;
                    double fromX = x + offsetX / size - centerX, fromY = y + offsetY / size - centerY;
                    sprite.Sample(cos * fromX + sin * fromY + 0.5, -sin * fromX + cos * fromY + 0.5, rgba);
                    for (var channel = 0; channel < 3; channel++)
                        sum[channel] += rgba[channel] + (1 - rgba[3] / 255) * (_dark[channel] + (_bright[channel] - _dark[channel]) * texture);
                }
                var light = _gain * (1 + _lightX * (x - 0.5) + _lightY * (y - 0.5));
                for (var channel = 0; channel < 3; channel++)
                    pixels[(channel * size + row) * size + column] = (byte)Math.Clamp(Math.Round(light * _cast[channel] * sum[channel] / (SamplesPerSide * SamplesPerSide)), 0, 255);
            }
    }

    // In [0,1].
    private double Texture(double x, double y)
    {
        var sum = 0.0;
        foreach (var (waveX, waveY, phase) in _waves)
            sum += Math.Sin(2 * Math.PI * (waveX * x + waveY * y + phase));
        return 0.5 + sum / (2 * Waves);
    }
}

/// <summary>How an object moves through a generated session: position, scale and angle are smooth functions of time.</summary>
internal sealed class SessionPath
{
    private readonly (double Mean, double Swing, double Cycles, double Phase) _x, _y, _scale, _angle;

    public SessionPath(RandomStream stream)
    {
        (double, double, double, double) Curve(double low, double high, double swing) =>
            (stream.Between(low, high), swing * stream.Between(0.5, 1), stream.Between(0.5, 1.5), stream.Between(0, 1));
        (_x, _y, _scale, _angle) = (Curve(0.45, 0.55, 0.1), Curve(0.45, 0.55, 0.1), Curve(0.65, 0.85, 0.12), Curve(-0.4, 0.4, 0.5));
        Start = stream.Between(0, 1);
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
