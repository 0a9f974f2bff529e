using System.Text.Json;
using DIDD.Benchmarking;
using DIDD.Reference;

namespace DIDD.Cli;

/// <summary><c>didd bench</c>: how fast an iteration and an evaluation are at a setting.</summary>
internal static class BenchCommand
{
    private const string Begin = "<!-- didd bench table -->", End = "<!-- end of table -->";

    public static Command Create()
    {
        var (options, place) = (new SpecOptions(SequentialLoop.Rules), new PlaceOptions());
        var iterations = new Option<int>("--iterations") { Description = "Timed iterations of every variant; the median one is reported.", DefaultValueFactory = _ => 5 };
        var classes = new Option<int?>("--classes") { Description = "Takes the first that many classes of the data set; all by default." };
        var noLoop = new Option<bool>("--no-loop") { Description = "Leaves the literal sequential loop out." };
        var authors = new Option<string[]>("--authors") { Description = "Seconds per iteration of the authors' loop, measured beside this one, such as asymmetric=8; to compare with.", HelpName = "rule=seconds" };
        var json = new Option<string?>("--json") { Description = "Also writes all figures to this file." };
        var command = new Command("bench", "Times an iteration of the distillation, stage by stage, and the evaluation.") { iterations, classes, noLoop, authors, json };
        options.AddTo(command);
        place.AddTo(command);
        command.Add(CreateTable());
        command.SetAction(Stoppable.Action((parsed, cancellation) =>
        {
            if (parsed.GetValue(json) is { } asked && Path.GetDirectoryName(Path.GetFullPath(asked)) is { } folder && !Directory.Exists(folder))
                throw new SpecException($"--json {asked}: there is no folder {folder}; make it first");
            var theirs = Authors(parsed.GetValue(authors) ?? []);
            var bench = new Bench(options.Spec(parsed), parsed.GetValue(classes), place.Data(parsed), place.Device(parsed));
            BenchReport report;
            try
            {
                report = bench.Measure(parsed.GetRequiredValue(iterations), !parsed.GetValue(noLoop), theirs, Console.WriteLine, cancellation);
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("stopped; nothing is reported");
                return ExitCode.Stopped;
            }
            Print(report);
            if (parsed.GetValue(json) is { } file)
                AtomicFile.WriteText(file, JsonSerializer.Serialize(report, RunSpec.Json) + "\n");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command CreateTable()
    {
        var file = new Argument<string>("file") { Description = $"Markdown file; the table replaces what stands between the lines {Begin} and {End}." };
        var reports = new Argument<string[]>("reports") { Description = "Files that bench --json wrote, in the order of the rows.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("table", "Makes a table of several settings, in Markdown.") { file, reports };
        command.SetAction(parsed => MarkdownFile.WriteBetween(
            parsed.GetRequiredValue(file), (Begin, End, Markdown([.. parsed.GetRequiredValue(reports).Select(Read)]))));
        return command;
    }

    private static BenchReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<BenchReport>(File.ReadAllText(path), RunSpec.Json) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new DataSetException($"{path}: not a report of didd bench ({e.Message.ReplaceLineEndings(" ")}); write it again with --json", e);
        }
    }

    // Milliseconds by rule.
    private static Dictionary<string, double> Authors(string[] assignments)
    {
        var authors = new Dictionary<string, double>();
        foreach (var (rule, value) in assignments.Select(assignment => SpecOptions.Assignment("--authors", assignment)))
            authors[rule] = SequentialLoop.Rules.Contains(rule) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && double.IsFinite(seconds)
                ? seconds * 1000
                : throw new SpecException($"--authors {rule}={value}: expected one of {string.Join(", ", SequentialLoop.Rules)} and positive seconds");
        return authors;
    }

    private static void Print(BenchReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("an iteration").NoWrap());
        foreach (var variant in report.Variants)
            table.AddColumn(new TableColumn(new Text(variant.Name)).RightAligned());
        void Row(string title, Func<VariantReport, double?> figure, string format) =>
            table.AddRow([new Text(title), .. report.Variants.Select(variant => new Text(Number(figure(variant), format)))]);
        Row("ms", v => v.Milliseconds, "0.0");
        Row("  targets", v => v.Stages?.Targets, "0.0");
        Row("  gradients", v => v.Stages?.Gradients, "0.0");
        Row("  rule", v => v.Stages?.Rule, "0.0");
        Row("  update", v => v.Stages?.Update, "0.0");
        Row("  rest", v => v.Stages?.Rest, "0.0");
        Row("images/s", v => v.ImagesPerSecond, "0");
        Row("GFLOP/s", v => v.GigaFlopsPerSecond, "0.0");
        Row("of the peak", v => v.ShareOfPeak, "0 %");
        Row("peak MB", v => v.PeakMegabytes, "0");
        Row("÷ Finetune", v => v.ToFinetune, "0.00");
        Row("literal ÷ this", v => v.LoopToThis, "0.0");
        Row("authors' ÷ this", v => v.AuthorsToThis, "0.0");
        AnsiConsole.Write(table);
        var evaluation = report.Evaluation;
        Console.WriteLine($"convolutions alone: {report.PeakGigaFlopsPerSecond:0.0} GFLOP/s; one image, one forward: {report.MegaFlopPerImage:0.0} MFLOP");
        Console.WriteLine($"evaluation: {evaluation.SecondsPerEpoch:0.000} s per epoch of {evaluation.TrainingImages} images, {evaluation.TestImagesPerSecond:0} test images/s; {evaluation.SecondsPerSet:0} s per set");
        Console.WriteLine($"a whole run at this setting adds up to {report.RunHours:0.0} h");
        Console.WriteLine($"{report.Environment.Processor}, {report.Environment.Device}, {report.Environment.Threads} threads");
    }

    // A row per setting and rule.
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

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
