using System.Globalization;
using System.Text.Json;
using DIDD.Data;
using DIDD.Distillation;
using DIDD.Experiments;
using DIDD.Figures;
using DIDD.Synthetic;
using Microsoft.Data.Analysis;

namespace DIDD.Tests;

public sealed class RecordedRunsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-recorded-").FullName;

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Folder()).Select(path => Path.GetFileName(path)!)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A_T and F_T once more, from the file alone: F_T is the mean over all but the last domain of the best accuracy since it was seen, less the last.
    [Theory]
    [MemberData(nameof(Names))]
    public void FiguresOfARun_AreThoseOfItsMatrix(string name)
    {
        var folder = Path.Combine(Folder(), name);
        var run = Run.Open(folder);
        Assert.Equal(name, run.Spec.Name);
        Assert.True(run.Finished);
        Assert.NotNull(run.Environment());
        Assert.Equal(run.Spec.Rule is "reservoir" or "random" or "herding", run.Log().Count == 0);
        using var stored = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "accuracy.json")));
        var rows = stored.RootElement.GetProperty("networks").EnumerateArray()
            .Select(row => row.EnumerateArray().Select(network => network.EnumerateArray().Select(a => a.ValueKind == JsonValueKind.Null ? double.NaN : a.GetDouble()).ToArray()).ToArray())
            .Select(networks => networks[0].Select((_, k) => networks.Average(network => network[k])).ToArray())
            .ToArray();
        string[] sheets = Directory.GetFiles(folder, "*.png"), sets = Directory.GetFiles(folder, "*.safetensors");
        Assert.True(DataSetInfo.Of(run.Spec.Dataset).MayBePassedOn || sheets.Length + sets.Length == 0);
        Assert.All(sheets, path => ImageFile.Read(path).Dispose());
        Assert.All(sets, path => SyntheticSet.Load(path).Dispose());
        var (last, domains) = (rows[^1], rows[^1].Length);
        Assert.Equal(last.Average(), stored.RootElement.GetProperty("average").GetDouble(), 1e-9);
        Assert.Equal(last.Average(), run.Accuracy.Average, 1e-9);
        if (rows.Length == 1)
        {
            Assert.Null(run.Accuracy.Forgetting);
            return;
        }
        var forgetting = Enumerable.Range(0, domains - 1).Average(k => Enumerable.Range(k, domains - k).Max(t => rows[t][k]) - last[k]);
        Assert.Equal(forgetting, stored.RootElement.GetProperty("forgetting").GetDouble(), 1e-9);
    }

    // A sheet that another version of the library wrote; in grey and in colour.
    [Theory]
    [InlineData("r-mnist", 10)]
    [InlineData("emoji-styles", 1)]
    public void SheetOfASet_IsTheRecordedOne(string dataset, int ipc)
    {
        var run = Run.Open(Path.Combine(Folder(), Profiles.Spec("laptop", dataset, "finetune", ipc).Name));
        using var set = run.Set(run.Spec.Domains - 1);
        var path = Path.Combine(_folder, "sheet.png");
        set.SaveSheet(path);
        using var written = ImageFile.Read(path);
        using var recorded = ImageFile.Read(Path.Combine(run.Folder, $"domain-{run.Spec.Domains:00}.png"));
        Assert.Equal(recorded.shape, written.shape);
        Assert.Equal(recorded.bytes.ToArray(), written.bytes.ToArray());
    }

    [Fact]
    public void Seeds_AreJoinedIntoOneRow()
    {
        var spec = Profiles.Spec("smoke", rule: "reservoir").With("domains", "2").With("evaluation.epochs", "2").With("evaluation.testImages", "100");
        var runs = new[] { 1, 0 }.Select(seed => new Runner(spec with { Seed = seed }, Path.Combine(_folder, $"{seed}")).Execute()).ToList();
        var other = new Runner(spec with { Ipc = 2 }, Path.Combine(_folder, "other")).Execute();
        var rows = ReportRow.Of([.. runs, other]);
        Assert.Equal([1, 2], rows.Select(row => row.Spec.Ipc));
        Assert.Equal([0L, 1L], rows[0].Runs.Select(run => run.Spec.Seed));
        Assert.Equal((runs[0].Accuracy.Average + runs[1].Accuracy.Average) / 2, rows[0].Average.Mean, 1e-9);
        Assert.Null(rows[1].Average.HalfWidth);
    }

    [Fact]
    public void CopiesOfOneRun_CountOnce_AndHalfWrittenOnesNotAtAll()
    {
        var spec = Profiles.Spec("smoke", rule: "reservoir").With("domains", "2").With("evaluation.epochs", "2").With("evaluation.testImages", "100");
        var older = new Runner(spec, Path.Combine(_folder, "b")).Execute();
        var newer = new Runner(spec, Path.Combine(_folder, "a")).Execute();
        new Runner(spec, Path.Combine(_folder, "c.7.tmp")).Execute();
        File.SetLastWriteTimeUtc(Path.Combine(older.Folder, "environment.json"), DateTime.UtcNow.AddMinutes(-1));
        var killed = new Runner(spec, Path.Combine(_folder, "k.tmp")).Execute();
        File.Delete(Path.Combine(killed.Folder, "environment.json"));
        File.Delete(Path.Combine(killed.Folder, "SHA256SUMS"));
        Assert.Contains("not finished", Assert.Throws<DataSetException>(() => RecordedRun.Write(Run.Open(killed.Folder), _folder)).Message, StringComparison.Ordinal);
        var runs = Run.All(_folder);
        Assert.Equal(["a", "b"], runs.Select(run => Path.GetFileName(run.Folder)));
        Assert.Equal(newer.Folder, Assert.Single(Assert.Single(ReportRow.Of(runs)).Runs).Folder);
        File.Delete(Path.Combine(older.Folder, "accuracy.json"));
        var damaged = new List<string>();
        Assert.Equal(newer.Folder, Assert.Single(Run.All(_folder, damaged.Add)).Folder);
        Assert.Contains(older.Folder, Assert.Single(damaged), StringComparison.Ordinal);
        // Of a run without sums its environment, too.
        File.Delete(Path.Combine(newer.Folder, "SHA256SUMS"));
        File.WriteAllText(Path.Combine(newer.Folder, "environment.json"), "");
        Assert.Empty(Run.All(_folder, damaged.Add));
    }

    [Fact]
    public void ReportAsCsv_HasTheFiguresOfTheRows_AndThePapersBesideThem()
    {
        var rows = ReportRow.Of(Directory.GetDirectories(Folder()).Select(Run.Open));
        var path = Path.Combine(_folder, "report.csv");
        File.WriteAllText(path, "old");
        RunTables.WriteCsv(RunTables.Report(rows), path);
        var frame = DataFrame.LoadCsv(path);
        Assert.Equal((rows.Count, path), (frame.Rows.Count, Assert.Single(Directory.GetFiles(_folder))));
        var i = rows.Index().First(row => (row.Item.Spec.Dataset, row.Item.Spec.Rule, row.Item.Spec.Ipc) == ("r-mnist", "asymmetric", 1)).Index;
        double Number(string column) => Convert.ToDouble(frame[column][i], CultureInfo.InvariantCulture);
        Assert.Equal("asymmetric", frame["rule"][i]);
        Assert.Equal("0 1 2 3 4", frame["seeds"][i]);
        Assert.Equal((58.6f, 21.0f), ((float)Number("paper A_T %"), (float)Number("paper F_T")));
        Assert.Equal("meta.draw=shared", frame["changed"][rows.Index().Single(row => row.Item.Spec.Meta.Draw == MetaDraw.Shared).Index]);
        Assert.Equal(rows[i].Average.Mean, Number("A_T %"), 1e-4);
        Assert.Equal(rows[i].Average.HalfWidth!.Value, Number("A_T ±"), 1e-4);
        Assert.Equal(rows[i].Forgetting!.Mean, Number("F_T"), 1e-4);
        Assert.Equal(rows[i].Segments[3].Mean, Number("quarter 4 %"), 1e-4);
        Assert.Null(frame["F_T"][rows.Index().First(row => row.Item.Spec.Rule == "joint-m3d").Index]);
        Assert.Throws<ArgumentException>(() => RunTables.Report([]));
    }

    [Fact]
    public void Record_KeepsTheFiguresAndTheLastSet()
    {
        var spec = Profiles.Spec("smoke", rule: "finetune").With("domains", "2").With("distillation.iterations", "50").With("evaluation.epochs", "2").With("evaluation.testImages", "100");
        var run = new Runner(spec, Path.Combine(_folder, "run")).Execute();
        var copy = Run.Open(RecordedRun.Write(run, _folder));
        Assert.Equal(run.Accuracy.Rows, copy.Accuracy.Rows);
        Assert.InRange(copy.Log().Count, 2 * 20, 2 * 27);
        Assert.Equal(run.Log()[^1] with { Diagnostics = null }, copy.Log()[^1]);
        Assert.Equal(File.ReadAllBytes(Run.SetPath(run.Folder, 1)), File.ReadAllBytes(Run.SetPath(copy.Folder, 1)));
        Assert.Equal(["domain-02.png", "domain-02.safetensors"], Directory.GetFiles(copy.Folder, "domain-*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetDirectories(_folder, "*.tmp"));
        Assert.Equal(copy.Folder, RecordedRun.Write(run, _folder));
        var whole = Run.Open(RecordedRun.Write(run, Path.Combine(_folder, "whole"), RecordedImages.All, logRecords: 2));
        Assert.Equal(4, Directory.GetFiles(whole.Folder, "domain-*").Length);
        foreach (var (kept, names) in new[] { (RecordedImages.None, (string[])[]), (RecordedImages.Sheet, ["domain-02.png"]) })
            Assert.Equal(names, Directory.GetFiles(RecordedRun.Write(run, Path.Combine(_folder, $"{kept}"), kept), "domain-*").Select(Path.GetFileName));
        Assert.Equal([0, 25, 49, 0, 25, 49], whole.Log().Select(record => record.Iteration));
    }

    [Fact]
    public void RecordedLog_HasTheRatesOfEveryTileAtTheEndOfADomain_AndNoOtherDiagnostics()
    {
        var spec = Profiles.Spec("smoke").With("domains", "2").With("distillation.iterations", "5").With("evaluation.epochs", "1").With("evaluation.testImages", "100");
        var run = new Runner(spec, Path.Combine(_folder, "run")).Execute();
        var opened = Assert.Single(Run.Open(RecordedRun.Write(run, _folder, RecordedImages.None)).Log(), record => record.Diagnostics is not null);
        Assert.Equal((1, 4), (opened.Domain, opened.Iteration));
        var tiles = opened.Diagnostics!.Tiles!;
        Assert.Equal(DivisionOfLabour.Preferences(run), tiles.Alpha!.Zip(tiles.Beta!, (alpha, beta) => (double)(alpha - beta)));
    }

    [Fact]
    public void RunOnImagesThatMayNotBePassedOn_IsRecordedWithoutThem()
    {
        MadeFolders.Pacs(Path.Combine(_folder, "pacs"));
        var spec = Profiles.Spec("smoke", "pacs", "reservoir").With("evaluation.epochs", "2").With("distillation.factor", "1");
        var run = new Runner(spec, Path.Combine(_folder, "run"), _folder).Execute();
        var copy = Run.Open(RecordedRun.Write(run, _folder, RecordedImages.All));
        Assert.Equal(run.Accuracy.Rows, copy.Accuracy.Rows);
        Assert.True(File.Exists(Run.SetPath(run.Folder, run.Accuracy.Rows.Count - 1)));
        Assert.Equal(["SHA256SUMS", "accuracy.json", "environment.json", "log.jsonl", "spec.json"], Directory.GetFiles(copy.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void UnfinishedRun_IsNotRecorded()
    {
        var spec = Profiles.Spec("smoke", rule: "reservoir").With("domains", "2").With("evaluation.epochs", "2").With("evaluation.testImages", "100");
        using var stop = new CancellationTokenSource();
        var folder = Path.Combine(_folder, "stopped");
        Assert.Throws<OperationCanceledException>(() => new Runner(spec, folder).Execute(
            progress =>
            {
                if (progress.Domain == 1)
                    stop.Cancel();
            },
            stop.Token));
        Assert.Contains("not finished", Assert.Throws<DataSetException>(() => RecordedRun.Write(Run.Open(folder), _folder)).Message, StringComparison.Ordinal);
    }

    private static string Folder() => Path.Combine(DataFolder.Repository()!, "data", "runs");
}
