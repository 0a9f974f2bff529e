using System.Security.Cryptography;
using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests.Figures;

/// <summary>
/// The sets of several runs on grey data as a moving picture (APNG) for where no page can be played: a row per run in its rule's colour, the stored images, and bars for the accuracy
/// on each domain. Its text <c>Source</c> is the SHA-256 of what it shows.
/// </summary>
internal static class MovingPicture
{
    private const int PictureScale = 2, BarWidth = 9;

    public static byte[] Of(params IReadOnlyList<Run> runs)
    {
        var rules = runs.Select(SetExplorer.Played.Of).ToList();
        var (shape, classes, domains) = (rules[0].Shape, rules[0].Classes, runs[0].Domains.Count);
        // Greys first, then the colours of the rules, each also faint, and white.
        byte[] Colour(string colour, double share) => [.. Enumerable.Range(0, 3).Select(i => (byte)(255 - share * (255 - Convert.ToByte(colour[(1 + 2 * i)..(3 + 2 * i)], 16))))];
        const byte Greys = 240;
        List<byte[]> palette = [.. Enumerable.Range(0, Greys).Select(grey => Enumerable.Repeat((byte)(grey * 255 / (Greys - 1)), 3).ToArray()), .. rules.SelectMany(rule => new[] { Colour(rule.Colour, 1), Colour(rule.Colour, 0.3) }), [255, 255, 255]];
        int imageWidth = shape.Width * PictureScale + 2, rowHeight = shape.Height * PictureScale + 6, left = 12, bars = left + classes * imageWidth + 12;
        var (width, height) = (bars + domains * BarWidth, rules.Count * rowHeight);
        var frames = Enumerable.Range(0, domains).Select(t =>
        {
            var frame = new byte[width * height];
            Array.Fill(frame, (byte)(palette.Count - 1));
            void Fill(int x, int y, int w, int h, byte index)
            {
                for (var row = y; row < y + h; row++)
                    Array.Fill(frame, index, row * width + x, w);
            }
            foreach (var (r, rule) in rules.Index())
            {
                var (top, colour) = (r * rowHeight, (byte)(Greys + 2 * r));
                Fill(0, top, 6, rowHeight - 4, colour);
                for (var c = 0; c < classes; c++)
                    for (var p = 0; p < shape.Height * shape.Width; p++)
                        Fill(left + c * imageWidth + p % shape.Width * PictureScale, top + p / shape.Width * PictureScale, PictureScale, PictureScale, (byte)(rule.Images[t * classes + c][p] * (Greys - 1) / 255));
                for (var k = 0; k < domains; k++)
                {
                    var bar = (int)Math.Round(rule.Accuracy[t][k] / 100 * (rowHeight - 6));
                    Fill(bars + k * BarWidth, top + rowHeight - 6 - bar, BarWidth - 2, bar, k <= t ? colour : (byte)(colour + 1));
                }
            }
            return frame;
        }).ToList();
        return AnimatedPng.Encode(frames, width, height, palette, 600, Convert.ToHexStringLower(SHA256.HashData([.. frames.SelectMany(frame => frame)])));
    }
}
