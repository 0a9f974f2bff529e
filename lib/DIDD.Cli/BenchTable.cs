using DIDD.Benchmarking;
using DIDD.Data;

namespace DIDD.Cli;

/// <summary>The reports of several settings as one table in Markdown, a row per setting and rule.</summary>
internal static class BenchTable
{
    public const string Begin = "<!-- didd bench table -->", End = "<!-- end of table -->";

    /// <summary>Puts the table between <see cref="Begin"/> and <see cref="End"/> of a file.</summary>
    /// <exception cref="DataSetException">The file is missing, or lacks those lines.</exception>
    public static void WriteInto(string path, IReadOnlyList<BenchReport> reports) => MarkdownFile.WriteBetween(path, (Begin, End, Markdown(reports)));

    private static string Markdown(IReadOnlyList<BenchReport> reports)
    {
        string[] titles =
        [
            "setting", "IPC", "classes", "width", "real", "domains", "iteration", "authors' loop, ms", "our literal loop, ms", "ours, ms", "authors' ÷ ours", "literal ÷ ours",
            "÷ Finetune", "GFLOP/s", "of peak", "peak MB", "epoch, s", "test images/s", "set, s",
        ];
        var rows = reports.SelectMany(report => report.Variants.Where(variant => !variant.Literal).Select(variant => Row(report, variant))).ToList();
        var places = reports.Select(Place).Distinct();
        return $"""
            {MarkdownFile.Table(titles, [0, 6], rows)}
            {string.Join('\n', places.Select(place => $"Measured: {place}."))}

            """;
    }

    private static string[] Row(BenchReport report, VariantReport variant)
    {
        var (spec, evaluation) = (report.Spec, report.Evaluation);
        var loop = report.Variants.FirstOrDefault(v => v.Literal && v.Rule == variant.Rule);
        return
        [
            $"{spec.Dataset}, {spec.Profile}", $"{spec.Ipc}", $"{report.Classes}", $"{spec.Distillation.Network.Width}", $"{spec.Distillation.RealImages}", $"{spec.Domains}",
            variant.Name, Number(variant.AuthorsMilliseconds, "0"), Number(loop?.Milliseconds, "0.0"), Number(variant.Milliseconds, "0.0"), Number(variant.AuthorsToThis, "0.0"),
            Number(variant.LoopToThis, "0.0"), Number(variant.ToFinetune, "0.00"), Number(variant.GigaFlopsPerSecond, "0"), Number(variant.ShareOfPeak, "0 %"),
            Number(variant.PeakMegabytes, "0"), Number(evaluation.SecondsPerEpoch, "0.000"), Number(evaluation.TestImagesPerSecond, "0"), Number(evaluation.SecondsPerSet, "0.0"),
        ];
    }

    private static string Place(BenchReport report)
    {
        var e = report.Environment;
        return $"{e.Date}, {e.Processor}, {e.Device}{(e.Tf32 ? " with TF32" : "")}, {e.Threads} threads, libtorch {e.Libtorch}, library {e.Commit}, median of {report.Iterations} iterations";
    }

    private static string Number(double? value, string format) => value is { } number ? number.ToString(format, System.Globalization.CultureInfo.InvariantCulture) : "–";
}
