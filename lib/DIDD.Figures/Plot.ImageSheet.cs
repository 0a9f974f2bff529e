using SkiaSharp;

namespace DIDD.Figures;

public static partial class Plot
{
    internal const int Gap = 1;
    private const int WidestSheet = 696;
    private const int LargestScale = 8;

    /// <summary>
    /// Images in rows and columns, each pixel shown as a square of whole screen pixels. The sheet travels as one PNG: 200 MNIST digits take under 150 KB.
    /// </summary>
    /// <param name="title">The title.</param>
    /// <param name="images">
    /// The images row by row, 8 bits per channel: [height, width] grey, or [height, width, 3] red, green, blue, flattened in that order; all of one kind.
    /// The last row may be short.
    /// </param>
    /// <param name="height">Height of each image, in pixels.</param>
    /// <param name="width">Width of each image, in pixels.</param>
    /// <param name="columns">Images in a row.</param>
    /// <param name="rowLabels">A label for each row of the sheet.</param>
    /// <param name="columnLabels">A label for each column.</param>
    /// <param name="rowTitle">What the rows are.</param>
    /// <param name="columnTitle">What the columns are.</param>
    /// <param name="hover">A line of text for each image, shown on hover.</param>
    /// <param name="scale">Screen pixels per pixel, 1 to 8; null takes the largest that keeps the sheet within 696 by 696 pixels.</param>
    /// <param name="caption">The sentence under the figure.</param>
    /// <exception cref="ArgumentException">No image, an image of another size, or labels that don't fit the sheet.</exception>
    public static Figure ImageSheet(
        string title, IReadOnlyList<byte[]> images, int height, int width, int columns,
        IReadOnlyList<string>? rowLabels = null, IReadOnlyList<string>? columnLabels = null, string rowTitle = "", string columnTitle = "",
        IReadOnlyList<string>? hover = null, int? scale = null, string caption = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Check.NotEmpty(images, "image", "give at least one");
        var channels = ChannelsOf(images, height, width);
        var rows = (images.Count + columns - 1) / columns;
        Check.Length(rowLabels, rows, "row labels", "rows of images");
        Check.Length(columnLabels, columns, "column labels", "columns of images");
        Check.Length(hover, images.Count, "hover texts", "images");

        var (sheetHeight, sheetWidth) = (rows * (height + Gap) - Gap, columns * (width + Gap) - Gap);
        var pixel = scale ?? Math.Clamp(WidestSheet / Math.Max(sheetHeight, sheetWidth), 1, LargestScale);
        ArgumentOutOfRangeException.ThrowIfLessThan(pixel, 1, nameof(scale));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixel, LargestScale, nameof(scale));

        var sheet = TraceOf("image", new Node
        {
            ["source"] = "data:image/png;base64," + Convert.ToBase64String(EncodeSheet(images, height, width, channels, columns, rows)),
            ["hoverinfo"] = "skip",
        });
        // An image trace names pixels on hover; an unseen cell over each image names the image.
        var cells = TraceOf("heatmap", new Node
        {
            ["x"] = Enumerable.Range(0, columns).Select(column => Centre(column, width)).ToArray(),
            ["y"] = Enumerable.Range(0, rows).Select(row => Centre(row, height)).ToArray(),
            ["z"] = Cells(rows, columns, (row, column) => row * columns + column < images.Count ? (int?)0 : null),
            ["text"] = Cells(rows, columns, Hover),
            ["hovertemplate"] = "%{text}<extra></extra>",
            ["hoverongaps"] = false,
            ["opacity"] = 0,
            ["showscale"] = false,
        });

        var (x, tickHeight) = SheetAxis(columnTitle, columnLabels, columns, width, turn: true, pixel);
        var (y, _) = SheetAxis(rowTitle, rowLabels, rows, height, turn: false, pixel);
        x["range"] = new[] { -0.5, sheetWidth - 0.5 };
        y["range"] = new[] { sheetHeight - 0.5, -0.5 };
        return new Figure(title, caption, [sheet, cells], OfWidth(sheetWidth * pixel, Theme.Layout(title, x, y, sheetHeight * pixel, Labels.Width(rowLabels ?? []), tickHeight)));

        string Hover(int row, int column)
        {
            var index = row * columns + column;
            var place = string.Join(", ", new[] { Place(rowTitle, rowLabels, row), Place(columnTitle, columnLabels, column) }.Where(text => text.Length > 0));
            return Labels.Encode(index >= images.Count ? "" : hover is null ? place : place.Length == 0 ? hover[index] : $"{place}: {hover[index]}");
        }
    }

    private static Node OfWidth(int width, Node layout)
    {
        var margin = (Node)layout["margin"]!;
        margin["r"] = Math.Max(16, Theme.CaptionWidth - width);
        layout["autosize"] = false;
        layout["width"] = width + (int)margin["l"]! + (int)margin["r"]!;
        return layout;
    }

    private static string Place(string title, IReadOnlyList<string>? labels, int index) =>
        labels is null ? "" : $"{title} {labels[index]}".Trim();

    private static double Centre(int index, int size) => index * (size + Gap) + (size - 1) / 2.0;

    private static int ChannelsOf(IReadOnlyList<byte[]> images, int height, int width)
    {
        var channels = images[0].Length == height * width ? 1 : 3;
        return images.Index().FirstOrDefault(image => image.Item.Length != height * width * channels) is (var i, { } wrong)
            ? throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Image {i} has {wrong.Length} bytes; {height} by {width} pixels are {height * width} bytes in grey "
                + $"or {height * width * 3} in colour, the same for all images."))
            : channels;
    }

    private static (Node Axis, int TickHeight) SheetAxis(string title, IReadOnlyList<string>? labels, int count, int size, bool turn, int pixel)
    {
        var axis = Theme.Axis(title);
        axis["showgrid"] = false;
        axis["zeroline"] = false;
        axis["showline"] = false;
        axis["ticks"] = "";
        axis["constrain"] = "domain";
        axis["tickmode"] = "array";
        axis["tickvals"] = labels is null ? [] : Enumerable.Range(0, count).Select(index => Centre(index, size)).ToArray();
        axis["ticktext"] = Labels.Encode(labels ?? []);
        var labelWidth = Labels.Width(labels ?? []);
        var turned = turn && labelWidth + 4 > (size + Gap) * pixel;
        axis["tickangle"] = turned ? -90 : 0;
        return (axis, labels is null ? 4 : turned ? labelWidth + 8 : 22);
    }

    internal static byte[] EncodeSheet(IReadOnlyList<byte[]> images, int height, int width, int channels, int columns, int rows)
    {
        var (sheetHeight, sheetWidth) = (rows * (height + Gap) - Gap, columns * (width + Gap) - Gap);
        // Skia has no packed 24-bit colours: colour goes in as 32 bits, and gaps are see-through in colour, mid-grey in grey.
        var stride = channels == 1 ? 1 : 4;
        var pixels = new byte[sheetHeight * sheetWidth * stride];
        if (channels == 1)
            Array.Fill(pixels, (byte)127);
        for (var i = 0; i < images.Count; i++)
        {
            var (top, left) = (i / columns * (height + Gap), i % columns * (width + Gap));
            for (var p = 0; p < height * width; p++)
            {
                var at = ((top + p / width) * sheetWidth + left + p % width) * stride;
                images[i].AsSpan(p * channels, channels).CopyTo(pixels.AsSpan(at));
                if (channels == 3)
                    pixels[at + 3] = 255;
            }
        }

        var (colours, alpha) = channels == 1 ? (SKColorType.Gray8, SKAlphaType.Opaque) : (SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var info = new SKImageInfo(sheetWidth, sheetHeight, colours, alpha);
        using var image = SKImage.FromPixelCopy(info, pixels, sheetWidth * stride);
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
